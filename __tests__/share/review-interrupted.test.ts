// An interrupted run can be completed: wherever it stopped, the reviewed plan covers the next run's plan.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutAt } from '../../src/secrets.ts';
import { accessOf } from '../../src/share/access.ts';
import { decide } from '../../src/share/decide.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import { type ProposedPlan, reviewed, unreviewed, unreviewedWords } from '../../src/share/review.ts';
import type { Exclusion, Recipient, Share, ShareResource } from '../../src/share/share.ts';
import { temporaryName } from '../../src/share/temporary-name.ts';
import { type Flat, foundOf } from './values.ts';

const RULES = { ifExists: 'update', prune: true, replace: true } as const;
const ids = fc.subarray(['a', 'b', 'c', 'd'], { minLength: 1 });

const desiredArb: fc.Arbitrary<DesiredShare> = fc
  .record({ to: ids, what: ids, left: ids, organization: fc.boolean(), excludes: fc.boolean() })
  .map(({ to, what, left, organization, excludes }) => ({
    name: 'S',
    accountId: 'owner',
    state: 'present',
    target: organization ? 'organization' : 'account',
    recipients: organization ? [{}] : to.map((account_id) => ({ account_id })),
    resources: what.map((resource_id) => ({
      resource_type: 'gateway-policy',
      resource_id,
      resource_account_id: 'owner',
      meta: { of: resource_id },
    })),
    ...(organization && excludes ? { exclude: left.map((account_id) => ({ account_id })) } : {}),
    placeOf: () => ({ label: '' }),
  }));

/** A share named `name` that has the first `few` items of every list so far. */
function begun(
  { target = 'account', recipients = [], resources = [], exclude = [] }: DesiredShare,
  name: string,
  few: number,
): Flat & { share: Share } {
  const share = {
    id: 'new',
    name,
    account_id: 'owner',
    status: 'active',
    created: '2026-01-01T00:00:00Z',
    target_type: target,
    organization_id: 'o',
    resources: resources
      .slice(0, few)
      .map((r, i) => ({ ...r, id: `sr${i}`, status: 'active' }) as unknown as ShareResource),
  } as unknown as Share;
  const first = <T>(items: readonly { account_id?: string }[]): T[] =>
    items
      .slice(0, few)
      .map(({ account_id }, i) => ({ id: `i${i}`, account_id, association_status: 'associating' }) as T);
  return { share, recipients: first<Recipient>(recipients), exclusions: first<Exclusion>(exclude) };
}

const rest = (desired: DesiredShare, actual: Flat): ProposedPlan => {
  const found = foundOf(actual);
  return { plan: decide(desired, found, RULES).plan, before: accessOf(found.observed, desired) };
};
const nameArb = fc.constantFrom('S', temporaryName('S', '0123456789ab'));

test('a reviewed plan covers the rest of an interrupted creation', () =>
  fc.assert(
    fc.property(desiredArb, nameArb, fc.nat(4), (desired, name, few) => {
      const seen = reviewed([rest(desired, {})]);
      expect(unreviewed(rest(desired, {}), seen)).toEqual([]);
      expect(unreviewed(rest(desired, begun(desired, name, few)), seen)).toEqual([]);
    }),
  ));

test('a reviewed plan covers the rest of an interrupted replacement, before and after the old share is deleted', () =>
  fc.assert(
    fc.property(desiredArb, nameArb, fc.nat(4), (desired, name, few) => {
      const wrongTarget = desired.target === 'account' ? 'organization' : 'account';
      const old = begun({ ...desired, target: wrongTarget, recipients: [{ account_id: 'z' }] }, 'S', 4);
      const actual: Flat = { ...old, share: { ...old.share, id: 'old' } };
      const plan = rest(desired, actual);
      expect(plan.plan.action).toBe('replace');
      const seen = reviewed([plan]);
      const next = begun(desired, name, few);
      expect(unreviewed(rest(desired, { ...actual, successor: next.share }), seen)).toEqual([]);
      expect(unreviewed(rest(desired, next), seen)).toEqual([]);
      expect(unreviewed(rest(desired, {}), seen)).toEqual([]);
    }),
  ));

test('a reviewed plan covers the rest of an interrupted update', () =>
  fc.assert(
    fc.property(desiredArb, ids, fc.nat(4), (desired, what, few) => {
      const resources = (desired.resources ?? []).filter(({ resource_id }) => what.includes(resource_id));
      const before = begun({ ...desired, resources }, 'S', 4);
      const plan = rest(desired, before);
      const added = plan.plan.resources.add
        .slice(0, few)
        .map((r, i) => ({ ...r, id: `added${i}`, status: 'active' }) as unknown as ShareResource);
      const share = { ...before.share, resources: [...(before.share.resources ?? []), ...added] };
      expect(unreviewed(rest(desired, { ...before, share }), reviewed([plan]))).toEqual([]);
    }),
  ));

test('removing a recipient that appeared after the review is reported as unreviewed', () =>
  fc.assert(
    fc.property(desiredArb, nameArb, (desired, name) => {
      fc.pre(desired.target === 'account');
      const next = begun(desired, name, 4);
      const stranger = { id: 'x', account_id: 'stranger', association_status: 'associated' } as Recipient;
      const plan = rest(desired, { ...next, recipients: [...(next.recipients ?? []), stranger] });
      const found = unreviewed(plan, reviewed([rest(desired, {})]));
      expect(found.map(unreviewedWords(cutAt, 'owner'))).toEqual(['remove recipient stranger from share "S" (new)']);
    }),
  ));
