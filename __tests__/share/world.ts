// A tiny model of how the API stores one share, with arbitrary desired and actual states for property tests.

import fc from 'fast-check';
import type { DesiredShare } from '../../src/share/desired.ts';
import type { UpdateRequest } from '../../src/share/phases.ts';
import type { SharePlan } from '../../src/share/plan.ts';
import {
  accountOf,
  idKey,
  liveRecipients,
  liveResources,
  type Recipient,
  type RecipientItem,
  resourceKey,
} from '../../src/share/share.ts';
import { desired, desiredResource, exclusion, type Flat, recipient, resource, share } from './values.ts';

export interface World {
  name: string;
  target: string;
  organization: string;
  /** Listed accounts. */
  recipients: ReadonlySet<string>;
  /** Meta (as JSON) by resource. */
  resources: ReadonlyMap<string, string>;
  exclusions: ReadonlySet<string>;
}

const accountKey = (item: RecipientItem): string => idKey(accountOf(item) ?? '');
const metaKey = (meta: unknown): string => JSON.stringify(meta ?? {});

export const worldOf = ({ share: found, recipients = [], exclusions = [] }: Flat): World => {
  if (!found) throw new Error('there is no share');
  return {
    name: found.name,
    target: found.target_type,
    organization: idKey(found.organization_id ?? ''),
    recipients: new Set(liveRecipients(recipients).map((r) => idKey(r.account_id))),
    resources: new Map(liveResources(found).map((r) => [resourceKey(r), metaKey(r.meta)])),
    exclusions: new Set(exclusions.map((e) => idKey(e.account_id))),
  };
};

/** Exactly the desired items. A missing list counts as empty. */
export const desiredWorld = (
  { name, target, recipients = [], resources = [], exclude = [] }: DesiredShare,
  { target: had, organization }: World,
): World => ({
  name,
  target: target ?? had,
  organization: recipients[0]?.organization_id ?? organization,
  recipients: new Set(recipients.filter((item) => accountOf(item) !== undefined).map(accountKey)),
  resources: new Map(resources.map((r) => [resourceKey(r), metaKey(r.meta)])),
  exclusions: new Set(exclude.map((e) => idKey(e.account_id))),
});

/** The world after applying a plan, computed from the plan alone. */
export function carriedOut(world: World, plan: SharePlan, wanted: DesiredShare): World {
  const start: World =
    plan.action === 'replace'
      ? { ...desiredWorld(wanted, world), recipients: new Set(), resources: new Map(), exclusions: new Set() }
      : world;
  const removedAccounts = new Set(plan.recipients.remove.map((r) => idKey(r.account_id)));
  const removedResources = new Set(plan.resources.remove.map(resourceKey));
  const unexcluded = new Set(plan.exclusions?.remove.map((e) => idKey(e.account_id)));
  return {
    ...start,
    name: plan.rename?.to ?? start.name,
    recipients: new Set([
      ...[...start.recipients].filter((account) => !removedAccounts.has(account)),
      ...plan.recipients.add.filter((item) => accountOf(item) !== undefined).map(accountKey),
    ]),
    resources: new Map([
      ...[...start.resources].filter(([key]) => !removedResources.has(key)),
      ...[...plan.resources.update, ...plan.resources.add].map((r): [string, string] => [
        resourceKey(r),
        metaKey(r.meta),
      ]),
    ]),
    exclusions: new Set([
      ...[...start.exclusions].filter((account) => !unexcluded.has(account)),
      ...(plan.exclusions?.add ?? []).map((e) => idKey(e.account_id)),
    ]),
  };
}

/** The world after one request. Ids refer to what existed before the update. */
export function changed(world: World, request: UpdateRequest, { share: found, recipients = [] }: Flat): World {
  const accountOfId = (id: string): string => idKey(recipients.find((r) => r.id === id)?.account_id ?? id);
  const without = <T>(all: ReadonlySet<T>, gone: T): Set<T> => new Set([...all].filter((each) => each !== gone));
  const keyOfId = (id: string): string => {
    const known = (found?.resources ?? []).find((r) => r.id === id);
    return known ? resourceKey(known) : id;
  };
  switch (request.kind) {
    case 'rename':
      return { ...world, name: request.name };
    case 'delete share':
      return world;
    case 'set recipients':
      return { ...world, recipients: new Set(request.items.map(accountKey)) };
    case 'add recipient':
      return { ...world, recipients: new Set([...world.recipients, accountKey(request.item)]) };
    case 'remove recipient':
      return { ...world, recipients: without(world.recipients, accountOfId(request.id)) };
    case 'set exclusions':
      return { ...world, exclusions: new Set(request.items.map((e) => idKey(e.account_id))) };
    case 'add resource':
      return {
        ...world,
        resources: new Map([...world.resources, [resourceKey(request.item), metaKey(request.item.meta)]]),
      };
    case 'update resource':
      return { ...world, resources: new Map([...world.resources, [keyOfId(request.id), metaKey(request.meta)]]) };
    case 'remove resource': {
      const gone = keyOfId(request.id);
      return { ...world, resources: new Map([...world.resources].filter(([key]) => key !== gone)) };
    }
  }
}

const ACCOUNTS = ['a1', 'a2', 'a3', 'a4'];
const RESOURCES = ['r1', 'r2', 'r3'];
/** Every account of the organization. */
export const MEMBERS = [...ACCOUNTS, 'a9'];

const meta = fc.constantFrom<Record<string, unknown>>({}, { a: 1 }, { a: { b: [1, null] }, c: 'x' });
const wide = fc.constantFrom<RecipientItem>({}, { organization_id: 'o1' }, { organization_id: 'o2' });
const written = fc.constantFrom(
  (account: string): RecipientItem => ({ account_id: account }),
  (account: string): RecipientItem => ({ recipient_account_id: account.toUpperCase() }),
);

export const desiredCases: fc.Arbitrary<DesiredShare> = fc
  .record({
    accounts: fc.subarray(ACCOUNTS, { minLength: 1 }),
    written,
    organization: fc.option(wide, { freq: 2, nil: undefined }),
    resources: fc.subarray(RESOURCES, { minLength: 1 }),
    metas: fc.array(meta, { minLength: 3, maxLength: 3 }),
    exclude: fc.option(fc.subarray(ACCOUNTS), { freq: 3, nil: undefined }),
  })
  .map(({ accounts, written: write, organization, resources, metas, exclude }) =>
    desired({
      recipients: organization ? [organization] : accounts.map(write),
      resources: resources.map((id, i) => desiredResource(id, metas[i])),
      target: organization ? 'organization' : 'account',
      ...(organization && exclude ? { exclude: exclude.map((account_id) => ({ account_id })) } : {}),
    }),
  );

const statuses = fc.constantFrom<Recipient['association_status'][]>(
  'associating',
  'associated',
  'disassociating',
  'disassociated',
);

/** It has at least one recipient and one resource, because the API allows no share without them. */
export const actualCases = ({ target }: { target?: 'account' | 'organization' } = {}): fc.Arbitrary<Flat> =>
  fc
    .record({
      name: fc.constantFrom('S', 'Old'),
      organization: target ? fc.constant(target === 'organization') : fc.boolean(),
      recipients: fc.uniqueArray(fc.tuple(fc.constantFrom(...MEMBERS), statuses), {
        selector: ([account]) => account,
      }),
      resources: fc.uniqueArray(
        fc.tuple(
          fc.constantFrom(...RESOURCES, 'r9'),
          fc.option(meta, { freq: 5, nil: undefined }),
          fc.constantFrom('active', 'unheard-of', 'deleting', 'deleted'),
        ),
        { selector: ([id]) => id },
      ),
      exclusions: fc.subarray(MEMBERS),
      capitals: fc.boolean(),
    })
    .filter(
      // Spelled out instead of using the functions under test: a filter that rejects everything would never end.
      ({ recipients, resources, organization }) =>
        (organization || recipients.some(([, status]) => status === 'associating' || status === 'associated')) &&
        resources.some(([, , status]) => status === 'active' || status === 'unheard-of'),
    )
    .map(({ name, organization, recipients, resources, exclusions, capitals }) => {
      const spelled = (id: string): string => (capitals ? id.toUpperCase() : id);
      return {
        share: share({
          name,
          target_type: organization ? 'organization' : 'account',
          organization_id: spelled('o1'),
          resources: resources.map(([id, m, status]) => ({ ...resource(spelled(id), { status }), meta: m })),
        }),
        recipients: recipients.map(([id, association_status]) => recipient(spelled(id), { association_status })),
        exclusions: organization ? exclusions.map((id) => exclusion(spelled(id))) : [],
      };
    });

/** What the API would return for a world. */
export const actualOf = (world: World): Flat => ({
  share: share({
    name: world.name,
    target_type: world.target,
    organization_id: world.organization,
    resources: [...world.resources].map(([key, m], i) => {
      const [resource_type, resource_id, resource_account_id] = JSON.parse(key) as [string, string, string];
      return resource(resource_id, { id: `x${i}`, resource_type, resource_account_id, meta: JSON.parse(m) as unknown });
    }),
  }),
  recipients: [...world.recipients].map((account) => recipient(account, { association_status: 'associating' })),
  exclusions: [...world.exclusions].map(exclusion),
});
