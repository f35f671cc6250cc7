import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decide,
  isOpen,
  needsReplace,
  planToConverge,
  severalOfTheName,
  tooWideToKeep,
  type Verdict,
} from '../../src/share/decide.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import { hasDrift, type SharePlan } from '../../src/share/plan.ts';
import type { IfExists } from '../../src/share/policy.ts';
import { accountOf, type DesiredResource, isLeaving } from '../../src/share/share.ts';
import {
  actual,
  desired,
  desiredResource,
  desiredWithoutLists,
  exclusion,
  type Flat,
  foundOf,
  plan,
  recipient,
  resource,
  share,
  there,
  thereResource,
} from './values.ts';
import { actualCases, actualOf, carriedOut, desiredCases, desiredWorld, worldOf } from './world.ts';

interface Rules {
  ifExists: IfExists;
  prune: boolean;
  replace: boolean;
}
const RULES: Rules = { ifExists: 'update', prune: false, replace: false };
const TEMPORARY = 'S [creating 0123456789ab]';

interface Case {
  desired?: DesiredShare;
  actual: Flat;
  rules?: Partial<Rules>;
  decision: Verdict;
}

const cases = (table: Record<string, Case>): [string, Case][] => Object.entries(table);
const check = (_: string, { desired: wanted = desired(), actual: found, rules, decision }: Case): void => {
  const { plan, refusal, kept, differs } = decide(wanted, foundOf(found), { ...RULES, ...rules });
  expect({ plan, refusal, kept, differs }).toEqual(decision);
};

const R1 = resource('r1');
const unmanaged = (id: string): DesiredResource => {
  const { meta, ...rest } = desiredResource(id);
  return rest;
};
const oldest = share({ id: 's1', created: '2026-01-01T00:00:00Z' });
const other = share({ id: 's2', created: '2026-01-02T00:00:00Z' });

const ADD_A1 = { recipients: { add: [{ account_id: 'a1' }], remove: [], extra: [] } };
const ADD_R1 = { resources: { add: [desiredResource('r1')], update: [], remove: [], extra: [] } };
const CREATE = plan({ action: 'create', share_id: null, ...ADD_A1, ...ADD_R1 });
const wide = desired({ recipients: [{}], target: 'organization' });
const wideShare = share({ target_type: 'organization', resources: [R1] });
const NO_EXCLUSIONS = { add: [], remove: [], extra: [] };

describe('a share that should exist', () => {
  test.each(
    cases({
      'is created when it does not exist': { actual: {}, decision: { plan: CREATE } },
      'is created for the whole organization, without exclusions': {
        desired: wide,
        actual: {},
        decision: {
          plan: { ...CREATE, recipients: { add: [{}], remove: [], extra: [] }, exclusions: NO_EXCLUSIONS },
        },
      },
      'is created for the organization, with exclusions': {
        desired: { ...wide, exclude: [{ account_id: 'a2' }] },
        actual: {},
        decision: {
          plan: {
            ...CREATE,
            recipients: { add: [{}], remove: [], extra: [] },
            exclusions: { add: [{ account_id: 'a2' }], remove: [], extra: [] },
          },
        },
      },
      'is refused when it does not exist and its lists are missing': {
        desired: desiredWithoutLists(),
        actual: {},
        decision: {
          plan: plan({ action: 'create', share_id: null }),
          refusal: 'To create share "S", both recipients and resources are needed: add the missing list',
        },
      },
      'is refused when no share has the given id': {
        desired: desired({ shareId: 's7' }),
        actual: {},
        decision: {
          plan: plan({ share_id: null }),
          differs: true,
          refusal:
            'There is no share s7 in account owner. Check share-id and account-id. To create a share, remove share-id and set share-name',
        },
      },
      'is created by adopting a successor when the share with the given id no longer exists': {
        desired: desired({ shareId: 's7' }),
        actual: { successor: share({ id: 's8', name: TEMPORARY }) },
        decision: { plan: CREATE },
      },
      'needs no change when it matches the desired share': { actual: actual(), decision: { plan: plan() } },
      'needs no change when only the API spells its name differently': {
        actual: actual({ share: share({ name: 's', resources: [R1] }), spelling: 's' }),
        decision: { plan: plan() },
      },
      "needs no change when its name differs from the API's spelling only in normalization": {
        actual: actual({
          share: share({ name: 'zürich'.normalize('NFD'), resources: [R1] }),
          spelling: 'zürich'.normalize('NFC'),
        }),
        decision: { plan: plan() },
      },
      'needs no change when only the case of ids differs': {
        actual: {
          share: share({ resources: [resource('R1', { resource_account_id: 'OWNER' })] }),
          recipients: [recipient('A1')],
        },
        decision: { plan: plan() },
      },
      'needs no change when it matches and its status is unknown': {
        actual: actual({ share: share({ status: 'suspended', resources: [R1] }) }),
        decision: { plan: plan() },
      },
      'needs no change when only its id is given': {
        desired: desiredWithoutLists({ name: '', shareId: 's1' }),
        actual: actual(),
        decision: { plan: plan() },
      },
      'gains a missing recipient and keeps an unlisted one': {
        actual: actual({ recipients: [recipient('a2')] }),
        decision: {
          plan: plan({
            action: 'update',
            recipients: { add: [{ account_id: 'a1' }], remove: [], extra: [there('a2')] },
          }),
        },
      },
      'gains a missing recipient and, with prune, loses an unlisted one': {
        actual: actual({ recipients: [recipient('a2', { association_status: 'associating' })] }),
        rules: { prune: true },
        decision: {
          plan: plan({
            action: 'update',
            recipients: { add: [{ account_id: 'a1' }], remove: [there('a2', 'associating')], extra: [] },
          }),
        },
      },
      'loses an unlisted recipient with prune': {
        actual: actual({ recipients: [recipient('a1'), recipient('a2')] }),
        rules: { prune: true },
        decision: {
          plan: plan({ action: 'update', recipients: { add: [], remove: [there('a2')], extra: [] } }),
        },
      },
      'keeps and reports an unlisted recipient without prune': {
        actual: actual({ recipients: [recipient('a1'), recipient('a2')] }),
        decision: { plan: plan({ recipients: { add: [], remove: [], extra: [there('a2')] } }) },
      },
      'gains a listed recipient again while it is leaving': {
        actual: actual({
          recipients: [
            recipient('a1', { association_status: 'disassociating' }),
            recipient('a2', { association_status: 'disassociated' }),
          ],
        }),
        rules: { prune: true },
        decision: { plan: plan({ action: 'update', ...ADD_A1 }) },
      },
      'needs no change of recipients when they were not read': {
        actual: { share: share({ resources: [R1] }) },
        rules: { prune: true },
        decision: { plan: plan() },
      },
      'gains a missing resource and keeps an unlisted one': {
        actual: actual({ share: share({ resources: [resource('r2')] }) }),
        decision: {
          plan: plan({
            action: 'update',
            resources: { add: [desiredResource('r1')], update: [], remove: [], extra: [thereResource('r2')] },
          }),
        },
      },
      'loses an unlisted resource with prune': {
        actual: actual({ share: share({ resources: [R1, resource('r2')] }) }),
        rules: { prune: true },
        decision: {
          plan: plan({
            action: 'update',
            resources: { add: [], update: [], remove: [thereResource('r2')], extra: [] },
          }),
        },
      },
      'keeps and reports an unlisted resource without prune': {
        actual: actual({ share: share({ resources: [R1, resource('r2')] }) }),
        decision: {
          plan: plan({ resources: { add: [], update: [], remove: [], extra: [thereResource('r2')] } }),
        },
      },
      'gains a listed resource again while it is being deleted': {
        actual: actual({
          share: share({ resources: [resource('r1', { status: 'deleting' }), resource('r2', { status: 'deleted' })] }),
        }),
        rules: { prune: true },
        decision: { plan: plan({ action: 'update', ...ADD_R1 }) },
      },
      'has a resource updated when its meta differs': {
        actual: actual({ share: share({ resources: [resource('r1', { meta: { a: 1 } })] }) }),
        decision: {
          plan: plan({
            action: 'update',
            resources: {
              add: [],
              update: [{ ...thereResource('r1'), meta: {}, previous_meta: { a: 1 } }],
              remove: [],
              extra: [],
            },
          }),
        },
      },
      'has a resource updated wherever it has it, if the meta differs there': {
        actual: actual({
          share: share({
            resources: [
              resource('r1', { id: 'first', meta: { a: 1 } }),
              resource('r1', { id: 'second', meta: { a: 2 } }),
              resource('r1', { id: 'third' }),
            ],
          }),
        }),
        decision: {
          plan: plan({
            action: 'update',
            resources: {
              add: [],
              update: [
                { ...thereResource('r1'), id: 'first', meta: {}, previous_meta: { a: 1 } },
                { ...thereResource('r1'), id: 'second', meta: {}, previous_meta: { a: 2 } },
              ],
              remove: [],
              extra: [],
            },
          }),
        },
      },
      'loses a resource wherever it has it': {
        actual: actual({ share: share({ resources: [R1, resource('r2', { id: 'a' }), resource('r2', { id: 'b' })] }) }),
        rules: { prune: true },
        decision: {
          plan: plan({
            action: 'update',
            resources: {
              add: [],
              update: [],
              remove: ['a', 'b'].map((id) => ({ ...thereResource('r2'), id })),
              extra: [],
            },
          }),
        },
      },
      'keeps a meta that the file does not set': {
        desired: desired({ resources: [unmanaged('r1')] }),
        actual: actual({ share: share({ resources: [resource('r1', { meta: { a: 1 } })] }) }),
        decision: { plan: plan() },
      },
      'gains a missing resource with an empty meta when the file sets none': {
        desired: desired({ resources: [unmanaged('r1'), unmanaged('r2')] }),
        actual: actual(),
        decision: {
          plan: plan({
            action: 'update',
            resources: { add: [desiredResource('r2')], update: [], remove: [], extra: [] },
          }),
        },
      },
      'treats a meta that the API omits as empty': {
        desired: desired({ resources: [desiredResource('r1', { a: 1 })] }),
        actual: actual({ share: share({ resources: [{ ...R1, meta: undefined }] }) }),
        decision: {
          plan: plan({
            action: 'update',
            resources: {
              add: [],
              update: [{ ...thereResource('r1'), meta: { a: 1 }, previous_meta: {} }],
              remove: [],
              extra: [],
            },
          }),
        },
      },
      'is renamed from a temporary name': {
        actual: actual({ share: share({ name: TEMPORARY, resources: [R1] }) }),
        decision: { plan: plan({ action: 'update', rename: { from: TEMPORARY, to: 'S' } }) },
      },
      'is renamed from the previous name': {
        desired: desired({ previousName: 'Old' }),
        actual: actual({ share: share({ name: 'Old', resources: [R1] }), previous: [] }),
        decision: { plan: plan({ action: 'update', rename: { from: 'Old', to: 'S' } }) },
      },
      'is renamed when its id is given and its name differs': {
        desired: desired({ shareId: 's1' }),
        actual: actual({ share: share({ name: 'Old', resources: [R1] }), namesakes: [] }),
        decision: { plan: plan({ action: 'update', rename: { from: 'Old', to: 'S' } }) },
      },
    }),
  )('%s', check);
});

describe('the exclusions of a share with the organization', () => {
  const excluding = (...accounts: string[]): DesiredShare => ({
    ...wide,
    exclude: accounts.map((account_id) => ({ account_id })),
  });
  const found: Flat = { share: wideShare, exclusions: [exclusion('A1'), exclusion('a3')] };
  test.each(
    cases({
      'stay when exclude is not set': {
        desired: wide,
        actual: found,
        rules: { prune: true },
        decision: { plan: plan({ exclusions: NO_EXCLUSIONS }) },
      },
      'need no change when they were not read': {
        desired: excluding('a1'),
        actual: { share: wideShare },
        decision: { plan: plan({ exclusions: NO_EXCLUSIONS }) },
      },
      'are added, and unlisted ones are kept and reported': {
        desired: excluding('a1', 'A2'),
        actual: found,
        decision: {
          plan: plan({
            action: 'update',
            exclusions: { add: [{ account_id: 'A2' }], remove: [], extra: [exclusion('a3')] },
          }),
        },
      },
      'are removed with prune when they are unlisted': {
        desired: excluding('a1'),
        actual: found,
        rules: { prune: true },
        decision: {
          plan: plan({ action: 'update', exclusions: { add: [], remove: [exclusion('a3')], extra: [] } }),
        },
      },
      "are changed when only the share's id is given": {
        desired: desiredWithoutLists({ shareId: 's1', exclude: [{ account_id: 'a2' }] }),
        actual: found,
        rules: { prune: true },
        decision: {
          plan: plan({
            action: 'update',
            exclusions: { add: [{ account_id: 'a2' }], remove: [exclusion('A1'), exclusion('a3')], extra: [] },
          }),
        },
      },
      'are ignored for a share with accounts': {
        desired: desiredWithoutLists({ shareId: 's1', exclude: [{ account_id: 'a2' }] }),
        actual: { ...actual(), exclusions: [] },
        decision: { plan: plan() },
      },
    }),
  )('%s', check);

  test("do not affect the recipients, which follow the organization's membership", () => {
    expect(
      decide(wide, foundOf({ ...found, recipients: [recipient('a1')] }), { ...RULES, prune: true }).plan.recipients,
    ).toEqual({ add: [], remove: [], extra: [] });
  });
});

describe('a change of target', () => {
  const WIDE_BY_ACCOUNTS = plan({
    action: 'replace',
    recipients: { add: [{}], remove: [there('a1')], extra: [] },
    resources: { add: [desiredResource('r1')], update: [], remove: [thereResource('r2')], extra: [] },
    exclusions: { add: [{ account_id: 'a2' }], remove: [], extra: [] },
  });
  const narrow = plan({ action: 'replace', ...ADD_A1, ...ADD_R1 });
  test.each(
    cases({
      'from accounts to the organization is refused without replace': {
        desired: wide,
        actual: actual(),
        decision: {
          plan: plan({
            action: 'replace',
            recipients: { add: [{}], remove: [there('a1')], extra: [] },
            ...ADD_R1,
            exclusions: NO_EXCLUSIONS,
          }),
          refusal:
            'Share "S" (s1) targets accounts, which doesn\'t match recipients. This can\'t be changed in place. With replace: true, the action creates a new share and then deletes this one, so recipients get everything again from the new share',
        },
      },
      'from accounts to the organization creates a share with only the listed items': {
        desired: { ...wide, exclude: [{ account_id: 'a2' }] },
        actual: actual({
          share: share({ name: 'Old', resources: [resource('r1', { meta: { a: 1 } }), resource('r2')] }),
        }),
        rules: { replace: true },
        decision: { plan: WIDE_BY_ACCOUNTS },
      },
      'from the organization to accounts is refused without replace': {
        actual: { share: wideShare, recipients: [recipient('a2')] },
        decision: {
          plan: narrow,
          refusal:
            'Share "S" (s1) targets the organization o1, which doesn\'t match recipients. This can\'t be changed in place. With replace: true, the action creates a new share and then deletes this one, so recipients get everything again from the new share',
        },
      },
      'from the organization to accounts replaces the share': {
        actual: { share: wideShare, recipients: [recipient('a2')] },
        rules: { replace: true },
        decision: { plan: narrow },
      },
      "to another organization drops the old share's exclusions": {
        desired: { ...wide, recipients: [{ organization_id: 'o2' }], exclude: [{ account_id: 'a2' }] },
        actual: { share: wideShare, exclusions: [exclusion('a2'), exclusion('a3')] },
        rules: { replace: true },
        decision: {
          plan: plan({
            action: 'replace',
            recipients: { add: [{ organization_id: 'o2' }], remove: [], extra: [] },
            ...ADD_R1,
            exclusions: { add: [{ account_id: 'a2' }], remove: [exclusion('a3')], extra: [] },
          }),
        },
      },
      'to another organization by share-id sets no exclusions when exclude is not set': {
        desired: { ...wide, recipients: [{ organization_id: 'o2' }] },
        actual: { share: wideShare },
        rules: { replace: true },
        decision: {
          plan: plan({
            action: 'replace',
            recipients: { add: [{ organization_id: 'o2' }], remove: [], extra: [] },
            ...ADD_R1,
            exclusions: NO_EXCLUSIONS,
          }),
        },
      },
      'is refused without the lists that a new share needs': {
        desired: desiredWithoutLists({ shareId: 's1', recipients: [{}], target: 'organization' }),
        actual: actual(),
        rules: { replace: true },
        decision: {
          plan: plan({
            action: 'replace',
            recipients: { add: [{}], remove: [there('a1')], extra: [] },
            exclusions: NO_EXCLUSIONS,
          }),
          refusal: 'To create share "S", both recipients and resources are needed: add the missing list',
        },
      },
      'is refused, and the refusal names the share, if only its id is given': {
        desired: desiredWithoutLists({ name: '', shareId: 's1', recipients: [{}], target: 'organization' }),
        actual: actual(),
        rules: { replace: true },
        decision: {
          plan: plan({
            action: 'replace',
            recipients: { add: [{}], remove: [there('a1')], extra: [] },
            exclusions: NO_EXCLUSIONS,
          }),
          refusal: 'To create share "S", both recipients and resources are needed: add the missing list',
        },
      },
    }),
  )('%s', check);

  test("gives the new share the old share's name when only its id is given", () => {
    const decision = decide(desired({ name: '', shareId: 's1' }), foundOf({ share: wideShare }), {
      ...RULES,
      replace: true,
    });
    expect(decision.desired.name).toBe('S');
  });

  test('to another organization replaces the share, unless only the case of the id differs', () => {
    const asking = (organization_id: string): DesiredShare => ({ ...wide, recipients: [{ organization_id }] });
    expect(planToConverge(asking('o2'), foundOf({ share: wideShare }), { prune: true }).action).toBe('replace');
    expect(planToConverge(asking('O1'), foundOf({ share: wideShare }), { prune: true }).action).toBe('none');
  });
});

describe('a name conflict', () => {
  const BOTH_NAMED = `There are 2 live shares named "S": s1 (created 2026-01-01T00:00:00Z), s2 (created 2026-01-02T00:00:00Z). The action doesn't guess which one you mean. Delete the others (mode: delete with share-id) or, if you don't use config, set share-id to the one you mean`;
  const taken = `Another live share is already named "S": s2, s3. Two shares with the same name can't be told apart. Choose another name, or delete that share first`;
  const others = [other, share({ id: 's3' })];
  const old = share({ ...oldest, name: 'Old' });
  const unlistedNothing = desiredWithoutLists();
  const renamed = plan({ action: 'update', rename: { from: 'Old', to: 'S' } });
  test.each(
    cases({
      'is refused when several shares have the name': {
        desired: unlistedNothing,
        actual: { share: oldest, namesakes: [other] },
        decision: { plan: plan({ share_id: null }), refusal: BOTH_NAMED, differs: true },
      },
      'does not exist when the id is given and the name matches': {
        desired: { ...unlistedNothing, shareId: 's1' },
        actual: { share: oldest, namesakes: [other] },
        decision: { plan: plan() },
      },
      'is refused when another share has the new name of a share given by its id': {
        desired: { ...unlistedNothing, shareId: 's1' },
        actual: { share: old, namesakes: others },
        decision: { plan: renamed, refusal: taken },
      },
      'is refused when another share has the name of a share to replace by its id': {
        desired: desired({ shareId: 's1' }),
        actual: { share: wideShare, namesakes: others },
        rules: { replace: true },
        decision: { plan: plan({ action: 'replace', ...ADD_A1, ...ADD_R1 }), refusal: taken },
      },
      'is refused when shares with the name and the previous name both exist': {
        desired: { ...unlistedNothing, previousName: 'Old' },
        actual: { share: oldest, previous: [share({ id: 's2', name: 'Old' }), share({ id: 's3', name: 'Old' })] },
        decision: {
          plan: plan(),
          refusal:
            'There is a live share named "S" (s1) and one with its previous name "Old" (s2, s3). Delete one of the two, or remove previous_name',
        },
      },
      'is refused with if-exists: fail when shares with both names exist': {
        desired: { ...unlistedNothing, previousName: 'Old' },
        actual: { share: oldest, previous: [share({ id: 's2', name: 'Old' })] },
        rules: { ifExists: 'fail' },
        decision: { plan: plan(), refusal: expect.stringContaining('remove previous_name') as unknown as string },
      },
      'is refused when several shares have the previous name': {
        desired: { ...unlistedNothing, previousName: 'Old' },
        actual: { share: old, previous: [{ ...other, name: 'Old' }] },
        decision: { plan: renamed, refusal: BOTH_NAMED.replace('"S"', '"Old"') },
      },
    }),
  )('%s', check);
});

describe('if-exists', () => {
  const found = actual({ recipients: [recipient('a2')] });
  const differs = plan({
    action: 'update',
    recipients: { add: [{ account_id: 'a1' }], remove: [], extra: [there('a2')] },
  });
  const temporary = actual({ share: share({ name: TEMPORARY, resources: [R1] }) });
  const renamed = plan({ action: 'update', rename: { from: TEMPORARY, to: 'S' } });
  test.each(
    cases({
      'fail refuses an existing share': {
        actual: found,
        rules: { ifExists: 'fail' },
        decision: {
          plan: differs,
          refusal:
            'A live share named "S" already exists (s1), and if-exists is fail. To change that share, set if-exists: update',
        },
      },
      'fail creates a share that does not exist': {
        actual: {},
        rules: { ifExists: 'fail' },
        decision: { plan: CREATE },
      },
      'fail completes a share that this run created': {
        actual: { ...found, ours: true },
        rules: { ifExists: 'fail' },
        decision: { plan: differs },
      },
      'fail refuses a share that another run is creating': {
        actual: temporary,
        rules: { ifExists: 'fail' },
        decision: {
          plan: renamed,
          refusal:
            'Another run is creating share "S" (s1), or was interrupted while creating it, and if-exists is fail. If it was interrupted, set if-exists: update to finish its share',
        },
      },
      'fail renames a share that has the previous name': {
        desired: desired({ previousName: 'Old' }),
        actual: actual({ share: share({ name: 'Old', resources: [R1] }) }),
        rules: { ifExists: 'fail' },
        decision: { plan: plan({ action: 'update', rename: { from: 'Old', to: 'S' } }) },
      },
      'keep leaves an existing share unchanged': {
        actual: found,
        rules: { ifExists: 'keep' },
        decision: { plan: plan(), kept: true },
      },
      'keep creates a share that does not exist': {
        actual: {},
        rules: { ifExists: 'keep' },
        decision: { plan: CREATE },
      },
      'keep completes a share that this run created': {
        actual: { ...found, ours: true },
        rules: { ifExists: 'keep' },
        decision: { plan: differs },
      },
      'keep renames a share that an interrupted run left under a temporary name': {
        actual: { ...temporary, recipients: [recipient('a2')] },
        rules: { ifExists: 'keep' },
        decision: { plan: renamed, kept: true },
      },
      'keep refuses a share that is wider than requested': {
        actual: { share: wideShare },
        rules: { ifExists: 'keep', replace: true },
        decision: {
          plan: plan(),
          differs: true,
          refusal:
            'Share "S" (s1) targets the organization o1, which doesn\'t match recipients. With if-exists: keep, the action doesn\'t change it. To replace it, set if-exists: update and replace: true',
        },
      },
      'keep leaves a share unchanged that is narrower than requested': {
        desired: wide,
        actual: actual(),
        rules: { ifExists: 'keep' },
        decision: { plan: plan(), kept: true },
      },
    }),
  )('%s', check);
});

describe("a share that can't be changed or read", () => {
  const leaving = share({ id: 's7', name: 'Old', status: 'deleting' });
  test.each(
    cases({
      'is refused when its id is given and it is being deleted': {
        desired: desired({ shareId: 's7' }),
        actual: { share: leaving },
        decision: {
          plan: plan({ share_id: 's7' }),
          differs: true,
          refusal:
            "Share s7 is deleting, so it can't be changed. To create a new share, remove share-id and set share-name",
        },
      },
      'is refused when only its id is given and it is deleted': {
        desired: desired({ shareId: 's7', name: '' }),
        actual: { share: { ...leaving, status: 'deleted' } },
        decision: {
          plan: plan({ name: 'Old', share_id: 's7' }),
          differs: true,
          refusal:
            "Share s7 is deleted, so it can't be changed. To create a new share, remove share-id and set share-name",
        },
      },
      'is refused when an unreadable share might be the desired one': {
        actual: { unreadable: [{ id: 's9', wrong: 'created: missing' }] },
        decision: {
          plan: CREATE,
          refusal:
            'Cloudflare lists share s9 in a way that this version can\'t read (created: missing). It may be the share "S": check it in the dashboard or, if you don\'t use config, set share-id to the share you mean',
        },
      },
      'is refused when an unreadable share without an id exists next to a readable one': {
        actual: { ...actual(), unreadable: [{ name: 'S', wrong: 'id: missing' }] },
        decision: {
          plan: plan(),
          refusal:
            'Cloudflare lists share "S" in a way that this version can\'t read (id: missing). It may be the share "S": check it in the dashboard or, if you don\'t use config, set share-id to the share you mean',
        },
      },
      'needs no change when no share is unreadable': {
        actual: { ...actual(), unreadable: [] },
        decision: { plan: plan() },
      },
    }),
  )('%s', check);
});

describe('a share that should not exist', () => {
  const absent = (parts: Partial<DesiredShare> = {}): DesiredShare =>
    desiredWithoutLists({ state: 'absent', ...parts });
  const deletion = plan({ action: 'delete', recipients: { add: [], remove: [there('a1')], extra: [] } });
  test.each(
    cases({
      'needs no change when it does not exist': {
        desired: absent(),
        actual: {},
        decision: { plan: plan({ share_id: null }) },
      },
      'is deleted, and the plan names the recipients that lose it': {
        desired: absent(),
        actual: actual(),
        decision: { plan: deletion },
      },
      'needs no change when it is being deleted': {
        desired: absent({ name: '', shareId: 's1' }),
        actual: { share: share({ name: 'Old', status: 'deleting' }) },
        decision: { plan: plan({ name: 'Old', share_id: null }) },
      },
      'needs no change when only its id is given and no share has it': {
        desired: absent({ name: '', shareId: 's1' }),
        actual: {},
        decision: { plan: plan({ name: '', share_id: null }) },
      },
      'is deleted when only its id is given': {
        desired: absent({ name: '', shareId: 's1' }),
        actual: { share: share({ name: 'Old' }) },
        decision: { plan: plan({ name: 'Old', action: 'delete' }) },
      },
      'is deleted when id and name match': {
        desired: absent({ shareId: 's1' }),
        actual: actual(),
        decision: { plan: deletion },
      },
      'is refused when the share with the given id has another name': {
        desired: absent({ shareId: 's1' }),
        actual: { share: share({ name: 'Old' }) },
        decision: {
          plan: plan({ action: 'delete' }),
          refusal: 'Share s1 is named "Old", not "S". Correct share-id or share-name, or remove share-name',
        },
      },
      'is deleted even under its temporary name': {
        desired: absent(),
        actual: { share: share({ name: TEMPORARY }), namesakes: [] },
        decision: { plan: plan({ action: 'delete' }) },
      },
      'is refused when several shares have the name': {
        desired: absent(),
        actual: { share: oldest, namesakes: [other] },
        decision: {
          plan: plan({ share_id: null }),
          differs: true,
          refusal: `There are 2 live shares named "S": s1 (created 2026-01-01T00:00:00Z), s2 (created 2026-01-02T00:00:00Z). The action doesn't guess which one you mean. Delete the others (mode: delete with share-id) or, if you don't use config, set share-id to the one you mean`,
        },
      },
      'needs no change when the share with the given id is being deleted, even if another share has the name': {
        desired: absent({ shareId: 's1' }),
        actual: { share: { ...oldest, status: 'deleting' }, namesakes: [other] },
        decision: { plan: plan({ share_id: null }) },
      },
      'stays and is reported as unlisted when a complete file does not list it': {
        desired: absent({ shareId: 's1', unlisted: true }),
        actual: actual(),
        decision: { plan: plan({ unlisted: true }) },
      },
      'is deleted with prune when a complete file does not list it': {
        desired: absent({ shareId: 's1', unlisted: true }),
        actual: actual(),
        rules: { prune: true },
        decision: { plan: deletion },
      },
      'needs no change when it is unlisted and already deleted': {
        desired: absent({ shareId: 's1', unlisted: true }),
        actual: { share: share({ status: 'deleted' }) },
        decision: { plan: plan({ share_id: null }) },
      },
      'stays, even with prune, when it is unlisted and unreadable': {
        desired: absent({ name: '', shareId: 's9', unlisted: true }),
        actual: { unreadable: [{ id: 's9', wrong: 'name: null' }] },
        rules: { prune: true },
        decision: { plan: plan({ name: '', share_id: 's9', unlisted: true }) },
      },
      'is refused when the share with the given id is unreadable': {
        desired: absent({ name: '', shareId: 's9' }),
        actual: { unreadable: [{ id: 's9', wrong: 'name: null' }] },
        decision: {
          plan: plan({ name: '', share_id: null }),
          refusal:
            'Cloudflare lists share s9 in a way that this version can\'t read (name: null). It may be the share "s9": check it in the dashboard or, if you don\'t use config, set share-id to the share you mean',
        },
      },
      'stays when it is unlisted, unreadable and without an id': {
        desired: absent({ name: 'Odd', unlisted: true }),
        actual: { unreadable: [{ name: 'Odd', wrong: 'id: missing' }] },
        decision: { plan: plan({ name: 'Odd', share_id: null, unlisted: true }) },
      },
      'is refused when an unreadable share might be the desired one': {
        desired: absent(),
        actual: { unreadable: [{ id: 's9', wrong: 'name: null' }] },
        decision: {
          plan: plan({ share_id: null }),
          refusal:
            'Cloudflare lists share s9 in a way that this version can\'t read (name: null). It may be the share "S": check it in the dashboard or, if you don\'t use config, set share-id to the share you mean',
        },
      },
    }),
  )('%s', check);
});

describe('a plan for any desired and actual state', () => {
  test('leads to the desired state, and keeps unlisted items without prune', () =>
    fc.assert(
      fc.property(desiredCases, actualCases(), fc.boolean(), (wanted, found, prune) => {
        const planned = planToConverge(wanted, foundOf(found), { prune });
        const before = worldOf(found);
        const asked = desiredWorld(wanted, before);
        const excluded = wanted.exclude ? asked.exclusions : before.exclusions;
        const stays = planned.action !== 'replace' && !prune;
        const keeps = <T>(had: Iterable<T>): T[] => (stays ? [...had] : []);
        const wantsAccounts = wanted.target === 'account';
        expect(carriedOut(before, planned, wanted)).toEqual(
          planned.action === 'replace'
            ? asked
            : {
                ...asked,
                organization: before.organization,
                recipients: wantsAccounts
                  ? new Set([...asked.recipients, ...keeps(before.recipients)])
                  : before.recipients,
                resources: new Map([...keeps(before.resources), ...asked.resources]),
                exclusions: new Set([...excluded, ...keeps(before.exclusions)]),
              },
        );
      }),
      { numRuns: 500 },
    ));

  test('is empty when the actual state matches the desired state', () =>
    fc.assert(
      fc.property(desiredCases, actualCases(), fc.boolean(), (wanted, found, prune) => {
        const planned = planToConverge(wanted, foundOf(actualOf(desiredWorld(wanted, worldOf(found)))), { prune });
        expect(planned.action).toBe('none');
        expect(hasDrift(planned)).toBe(false);
      }),
    ));

  test('is followed by an empty plan once it is applied', () =>
    fc.assert(
      fc.property(desiredCases, actualCases(), fc.boolean(), (wanted, found, prune) => {
        const planned = planToConverge(wanted, foundOf(found), { prune });
        const after = planToConverge(wanted, foundOf(actualOf(carriedOut(worldOf(found), planned, wanted))), { prune });
        expect(after.action).toBe('none');
        if (prune) expect(hasDrift(after)).toBe(false);
      }),
      { numRuns: 500 },
    ));

  test('reports every unlisted item, and removes them only with prune', () =>
    fc.assert(
      fc.property(desiredCases, actualCases(), (wanted, found) => {
        const kept = planToConverge(wanted, foundOf(found), { prune: false });
        const pruned = planToConverge(wanted, foundOf(found), { prune: true });
        fc.pre(kept.action !== 'replace');
        const before = worldOf(found);
        const asked = desiredWorld(wanted, before);
        const notAsked = <T>(had: Iterable<T>, listed: { has: (each: T) => boolean }): T[] =>
          [...had].filter((each) => !listed.has(each));
        for (const list of [kept.recipients, kept.resources, ...(kept.exclusions ? [kept.exclusions] : [])])
          expect(list.remove).toEqual([]);
        expect(pruned.recipients).toEqual({ ...kept.recipients, remove: kept.recipients.extra, extra: [] });
        expect(pruned.resources).toEqual({ ...kept.resources, remove: kept.resources.extra, extra: [] });
        if (wanted.target === 'account')
          expect(kept.recipients.extra).toHaveLength(notAsked(before.recipients, asked.recipients).length);
        expect(kept.resources.extra).toHaveLength(notAsked(before.resources.keys(), asked.resources).length);
        if (wanted.exclude)
          expect(kept.exclusions?.extra).toHaveLength(notAsked(before.exclusions, asked.exclusions).length);
      }),
    ));

  test('adds a leaving recipient if it is listed, and never removes it', () =>
    fc.assert(
      fc.property(desiredCases, actualCases({ target: 'account' }), (wanted, found) => {
        fc.pre(wanted.target === 'account');
        const planned = planToConverge(wanted, foundOf(found), { prune: true });
        const keys = (accounts: readonly (string | undefined)[]): (string | undefined)[] =>
          accounts.map((account) => account?.toLowerCase());
        const added = keys(planned.recipients.add.map(accountOf));
        const listed = keys((wanted.recipients ?? []).map(accountOf));
        const removed = planned.recipients.remove.map(({ id }) => id);
        for (const r of (found.recipients ?? []).filter(isLeaving)) {
          const key = r.account_id.toLowerCase();
          expect(added.includes(key)).toBe(listed.includes(key));
          expect(removed).not.toContain(r.id);
        }
      }),
    ));

  test('replaces the share whenever its target changes', () =>
    fc.assert(
      fc.property(desiredCases, actualCases(), fc.boolean(), (wanted, found, prune) => {
        const asked = desiredWorld(wanted, worldOf(found));
        const { target, organization } = worldOf(found);
        const fits = asked.target === target && asked.organization === organization;
        expect(planToConverge(wanted, foundOf(found), { prune }).action === 'replace').toBe(!fits);
      }),
    ));
});

test('planToConverge plans to create a share that does not exist', () => {
  expect(planToConverge(desired(), foundOf({}), { prune: true })).toEqual(CREATE);
});

test('a refusal of several shares with one name says how they differ and what to do', () => {
  const shares = ['s1', 's2', 's3'].map((id, i) => share({ id, created: `2026-01-0${i + 1}T00:00:00Z` }));
  expect(severalOfTheName('a"b', shares)).toBe(
    `There are 3 live shares named "a\\"b": s1 (created 2026-01-01T00:00:00Z), s2 (created 2026-01-02T00:00:00Z), s3 (created 2026-01-03T00:00:00Z). The action doesn't guess which one you mean. Delete the others (mode: delete with share-id) or, if you don't use config, set share-id to the one you mean`,
  );
});

test('a refusal of a share with another target names the share and its target', () => {
  expect(needsReplace(share())).toBe(
    'Share "S" (s1) targets accounts, which doesn\'t match recipients. This can\'t be changed in place. With replace: true, the action creates a new share and then deletes this one, so recipients get everything again from the new share',
  );
  expect(tooWideToKeep(share({ target_type: 'organization', organization_id: 'o2' }))).toBe(
    'Share "S" (s1) targets the organization o2, which doesn\'t match recipients. With if-exists: keep, the action doesn\'t change it. To replace it, set if-exists: update and replace: true',
  );
});

// Regression: it said "the organization undefined".
test('a refusal names no organization if Cloudflare shows none', () => {
  const { organization_id: _, ...unnamed } = share({ target_type: 'organization' });
  for (const shown of [unnamed, { ...unnamed, organization_id: '' }])
    expect(needsReplace(shown)).toContain('targets an organization without an id, which');
});

test('a refusal quotes a target that this version does not know', () => {
  expect(needsReplace(share({ target_type: 'zone' }))).toContain('targets the unknown type "zone", which');
});

test.each<[string, SharePlan, boolean]>([
  ['changes something', plan({ action: 'update', ...ADD_A1 }), true],
  ['has only unlisted items', plan({ recipients: { add: [], remove: [], extra: [there('a')] } }), false],
])(
  'a decision is open if its plan changes something or another share has to be deleted (its plan %s)',
  (_, of, open) => {
    const decision = { plan: of, desired: desired(), prune: false };
    expect(isOpen({ ...decision, found: foundOf({}) })).toBe(open);
    expect(isOpen({ ...decision, found: foundOf({ losers: [share()] }) })).toBe(true);
  },
);
