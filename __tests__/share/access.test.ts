// "Nobody gains access that no reviewer saw", as properties of the pure rule: random worlds, random changes between plan
// and apply, and random desired states for both. The tests compute a plan's real effect from the desired state alone.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutAt } from '../../src/secrets.ts';
import { accessAfter, accessOf, gains } from '../../src/share/access.ts';
import { decide } from '../../src/share/decide.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import {
  type ProposedPlan,
  type Reviewed,
  reviewed,
  together,
  unreviewed,
  unreviewedWords,
  withDigests,
} from '../../src/share/review.ts';
import { temporaryName } from '../../src/share/temporary-name.ts';
import {
  desired,
  desiredResource,
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

const ACCOUNTS = ['a', 'b', 'c'];
/** An account of the organization that no list ever names. */
const NOBODY = 'z';
const RESOURCES = ['r', 's', 't'];

interface World {
  id: string;
  name: string;
  target: 'account' | 'organization';
  accounts: string[];
  except: string[];
  resources: string[];
}
interface Wanted {
  target: 'account' | 'organization';
  accounts: string[];
  except: string[] | undefined;
  resources: string[];
  prune: boolean;
}

const someOf = (all: string[], minLength = 0): fc.Arbitrary<string[]> => fc.subarray(all, { minLength });
const targetArb = fc.constantFrom('account' as const, 'organization' as const);
const wantedArb: fc.Arbitrary<Wanted> = fc.record({
  target: targetArb,
  accounts: someOf(ACCOUNTS, 1),
  except: fc.option(someOf(ACCOUNTS), { nil: undefined }),
  resources: someOf(RESOURCES, 1),
  prune: fc.boolean(),
});
const worldArb: fc.Arbitrary<World | undefined> = fc.option(
  fc.record({
    id: fc.constantFrom('s1', 's1', 's1', 's2'),
    name: fc.constantFrom('S', 'S', 'S', temporaryName('S', '0123456789ab')),
    target: targetArb,
    accounts: someOf(ACCOUNTS, 1),
    except: someOf(ACCOUNTS),
    resources: someOf(RESOURCES, 1),
  }),
  { nil: undefined, freq: 4 },
);
/** Two moments. Usually little changes between them; otherwise almost every plan would contain an unreviewed step. */
const sceneArb = fc
  .record({ world: worldArb, wanted: wantedArb, otherWorld: worldArb, otherWanted: wantedArb, keep: fc.nat(9) })
  .chain(({ world, wanted, otherWorld, otherWanted, keep }) =>
    fc.record({
      world: fc.constant(world),
      wanted: fc.constant(wanted),
      later: world && otherWorld && keep < 6 ? mixed(world, otherWorld) : fc.constant(keep < 8 ? world : otherWorld),
      applied: keep % 2 === 0 ? mixed(wanted, otherWanted) : fc.constant(wanted),
    }),
  );
/** The first value, with one property taken from the second. */
const mixed = <T extends object>(one: T, other: T): fc.Arbitrary<T> =>
  fc.constantFrom(...(Object.keys(one) as (keyof T)[])).map((key) => ({ ...one, [key]: other[key] }));

const desiredOf = ({ target, accounts, except, resources }: Wanted): DesiredShare =>
  desired({
    target,
    recipients: target === 'organization' ? [{}] : accounts.map((account_id) => ({ account_id })),
    resources: resources.map((id) => desiredResource(id)),
    ...(target === 'organization' && except ? { exclude: except.map((account_id) => ({ account_id })) } : {}),
  });

const accessIn = (actual: Flat, sent: Parameters<typeof accessOf>[1]): ReturnType<typeof accessOf> =>
  accessOf(foundOf(actual).observed, sent);

/** What a run reads: recipients only if the share targets accounts, and exclusions only if `exclude` is set. */
const actualOf = (world: World | undefined, { exclude }: DesiredShare): Flat =>
  world
    ? {
        share: share({
          id: world.id,
          name: world.name,
          target_type: world.target,
          resources: world.resources.map((id) => resource(id)),
        }),
        ...(world.target === 'account' ? { recipients: world.accounts.map((id) => recipient(id)) } : {}),
        ...(world.target === 'organization' && exclude ? { exclusions: world.except.map(exclusion) } : {}),
      }
    : {};

function propose(world: World | undefined, wanted: Wanted): ProposedPlan {
  const asked = desiredOf(wanted);
  const actual = actualOf(world, asked);
  const { plan } = decide(asked, foundOf(actual), { ifExists: 'update', prune: wanted.prune, replace: true });
  return { plan, before: accessIn(actual, asked) };
}

const union = (a: string[], b: string[]): string[] => [...new Set([...a, ...b])];

/** The world after the desired state was applied. Exclusions that a run does not read can't be relied on. */
function cameOf(world: World | undefined, wanted: Wanted): Omit<World, 'id' | 'name'> {
  const { target, accounts, except, resources, prune } = wanted;
  if (world?.target !== target || prune) return { target, accounts, except: except ?? [], resources };
  return {
    target,
    accounts: union(world.accounts, accounts),
    except: except ? union(world.except, except) : [],
    resources: union(world.resources, resources),
  };
}

function pairsOf(world: Omit<World, 'id' | 'name'> | undefined): string[] {
  if (!world) return [];
  const accounts =
    world.target === 'account' ? world.accounts : [...ACCOUNTS, NOBODY].filter((id) => !world.except.includes(id));
  return accounts.flatMap((account) => world.resources.map((id) => `${account} ${id}`));
}

/** The access that the second plan gives, but that nobody had before and that the first plan doesn't give. */
function unseen({ world, wanted, later, applied }: Scene): string[] {
  const isUnread = applied.target === 'organization' && !applied.except;
  const before = pairsOf(later && (isUnread && later.target === 'organization' ? { ...later, except: [] } : later));
  const seen = pairsOf(cameOf(world, wanted));
  return pairsOf(cameOf(later, applied)).filter((pair) => !before.includes(pair) && !seen.includes(pair));
}
type Scene = typeof sceneArb extends fc.Arbitrary<infer T> ? T : never;

const gainsIn = (proposed: ProposedPlan, seen: Reviewed): { steps: number; pairs: string[] } => {
  const found = unreviewed(proposed, seen);
  return {
    steps: found.filter(({ kind }) => kind === 'step').length,
    pairs: found.flatMap((each) =>
      each.kind === 'gain' ? [`${each.gain.account ?? NOBODY} ${each.gain.resource.resource_id}`] : [],
    ),
  };
};

describe('the review check', () => {
  test('lets nobody gain more than the reviewed plan gives, whatever changed since the review', () => {
    const counts = { held: 0, gains: 0, applied: 0 };
    fc.assert(
      fc.property(sceneArb, (scene) => {
        const seen = reviewed([propose(scene.world, scene.wanted)]);
        const { steps, pairs } = gainsIn(propose(scene.later, scene.applied), seen);
        counts[steps > 0 ? 'held' : pairs.length > 0 ? 'gains' : 'applied'] += 1;
        if (steps > 0) return;
        // Exactly the unreviewed access is reported, so nothing reviewed is blocked. The organization also includes accounts
        // that no list names.
        const named = (pair: string): boolean => pairs.includes(pair) || !pairs.includes(pair.replace(/^\S+/, NOBODY));
        expect(pairs.sort()).toEqual(unseen(scene).filter(named).sort());
      }),
      { numRuns: 5_000 },
    );
    expect(Object.values(counts).every((n) => n > 30)).toBe(true);
  });

  test.each(['recipients', 'everything'] as const)(
    'lets nobody gain more than the reviewed plan gives when digests replace %s',
    (of) => {
      const counts = { gains: 0, applied: 0 };
      fc.assert(
        fc.property(sceneArb, (scene) => {
          const { steps: allowed, access } = reviewed([propose(scene.world, scene.wanted)]);
          const seen = { steps: allowed, access: access.map((each) => withDigests(each, of)) };
          const { steps, pairs } = gainsIn(propose(scene.later, scene.applied), seen);
          if (steps > 0) return;
          counts[pairs.length > 0 ? 'gains' : 'applied'] += 1;
          if (pairs.length === 0) expect(unseen(scene)).toEqual([]);
        }),
        { numRuns: 5_000 },
      );
      expect(Object.values(counts).every((n) => n > 30)).toBe(true);
    },
  );

  test('never blocks a plan that was reviewed in the same state', () =>
    fc.assert(
      fc.property(worldArb, wantedArb, (world, wanted) => {
        const proposed = propose(world, wanted);
        const { steps, access } = reviewed([proposed]);
        expect(unreviewed(proposed, { steps, access })).toEqual([]);
        for (const lists of ['recipients', 'everything'] as const)
          expect(unreviewed(proposed, { steps, access: access.map((each) => withDigests(each, lists)) })).toEqual([]);
      }),
      { numRuns: 2_000 },
    ));

  test('ignores the order and the case of ids', () => {
    const toThese = (accounts: string[]) => ({ audience: { accounts }, resources: [] });
    const adding = plan({
      action: 'update',
      resources: { add: RESOURCES.map((id) => desiredResource(id)), update: [], remove: [], extra: [] },
    });
    const { steps, access } = reviewed([{ plan: adding, before: toThese(ACCOUNTS) }]);
    for (const lists of ['recipients', 'everything'] as const) {
      const seen = { steps, access: access.map((each) => withDigests(each, lists)) };
      expect(unreviewed({ plan: adding, before: toThese(['C', 'B', 'A', 'a']) }, seen)).toEqual([]);
    }
  });

  test('accepts a reviewed plan with 20,000 items', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `item-${i}`);
    const large = propose(undefined, {
      target: 'account',
      accounts: many,
      except: undefined,
      resources: ['r'],
      prune: false,
    });
    const wide = propose(undefined, {
      target: 'account',
      accounts: ['a'],
      except: undefined,
      resources: many,
      prune: false,
    });
    for (const each of [large, wide]) expect(unreviewed(each, reviewed([each]))).toEqual([]);
  });

  test('allows what each of two reviewed plans gives, but not what only both together would give', () => {
    const world: World = { id: 's1', name: 'S', target: 'account', accounts: ['a'], except: [], resources: ['r'] };
    const wanted: Wanted = { target: 'account', accounts: ['a'], except: undefined, resources: ['r'], prune: false };
    const recipientMore = propose(world, { ...wanted, accounts: ['a', 'b'] });
    const resourceMore = propose(world, { ...wanted, resources: ['r', 's'] });
    const seen = together([reviewed([recipientMore]), reviewed([resourceMore])]);
    expect(unreviewed(recipientMore, seen)).toEqual([]);
    expect(unreviewed(resourceMore, seen)).toEqual([]);
    expect(gainsIn(propose(world, { ...wanted, accounts: ['a', 'b'], resources: ['r', 's'] }), seen).pairs).toEqual([
      'b s',
    ]);
  });
});

describe('the message for unreviewed access', () => {
  const P = 'gateway-policy';
  const words = (now: ProposedPlan, seen: ProposedPlan): string[] =>
    unreviewed(now, reviewed([seen])).map(unreviewedWords(cutAt, 'owner'));
  const toAccounts = (accounts: string[], resources: string[]) => ({
    audience: { accounts },
    resources: resources.map((id) => ({ resource_type: P, resource_id: id, resource_account_id: 'owner' })),
  });
  const toAll = (except: string[] | null, resources: string[]) => ({
    ...toAccounts([], resources),
    audience: { organization: 'o1', except },
  });
  const changed = (parts: Parameters<typeof plan>[0]) => plan({ action: 'update', ...parts });
  const adding = (...ids: string[]) => ({
    add: ids.map((id) => desiredResource(id)),
    update: [],
    remove: [],
    extra: [],
  });

  test('names a recipient whose reviewed removal is missing', () => {
    const before = toAccounts(['a', 'gone'], ['r']);
    const seen = changed({ resources: adding('s'), recipients: { add: [], remove: [there('gone')], extra: [] } });
    const now = changed({ resources: adding('s'), recipients: { add: [], remove: [], extra: [there('gone')] } });
    expect(words({ plan: seen, before }, { plan: seen, before })).toEqual([]);
    expect(words({ plan: now, before }, { plan: seen, before })).toEqual([
      `give resource ${P} s of share "S" (s1) to account gone, which is not a recipient in the reviewed plan`,
    ]);
  });

  test('names a resource whose reviewed removal is missing', () => {
    const before = toAccounts(['a'], ['r', 'gone']);
    const joining = { add: [{ account_id: 'b' }], remove: [], extra: [] };
    const seen = changed({ recipients: joining, resources: { ...adding(), remove: [thereResource('gone')] } });
    const now = { plan: changed({ recipients: joining }), before };
    expect(words(now, { plan: seen, before })).toEqual([
      `give resource ${P} gone of share "S" (s1) to account b, to which the reviewed plan does not give this resource`,
    ]);
    const [gain] = unreviewed(now, reviewed([{ plan: seen, before }])).map(unreviewedWords(cutAt, 'the sender'));
    expect(gain).toContain(`give resource ${P} gone (of account owner) of share "S"`);
  });

  test('names an account whose reviewed exclusion is missing, was removed or is no longer read', () => {
    const excluding = (...ids: string[]) => ({ add: ids.map((account_id) => ({ account_id })), remove: [], extra: [] });
    const seen = { plan: changed({ resources: adding('s'), exclusions: excluding('x') }), before: toAll([], ['r']) };
    const gives = (rest: string): string[] => [`give resource ${P} s of share "S" (s1) to account x, ${rest}`];
    const now = (before: ReturnType<typeof toAll>) => ({
      plan: changed({ resources: adding('s'), exclusions: excluding() }),
      before,
    });
    expect(words(now(toAll([], ['r'])), seen)).toEqual(gives('which the reviewed plan excludes'));
    expect(words(now(toAll(null, ['r'])), seen)).toEqual(
      gives('which the reviewed plan excludes (without exclude, exclusions are neither read nor set)'),
    );
    expect(words(now(toAll(['x'], ['r'])), seen)).toEqual([]);
    expect(words(now(toAll(['X', 'more'], ['r'])), seen)).toEqual([]);
  });

  test('names the whole organization when the share now targets it', () => {
    const seen = { plan: changed({ resources: adding('s') }), before: toAccounts(['a'], ['r']) };
    const found = words({ plan: seen.plan, before: toAll(null, ['r']) }, seen);
    expect(found).toEqual([
      `give resource ${P} s of share "S" (s1) to the whole organization, which is not a recipient in the reviewed plan`,
    ]);
  });

  test('reports another organization, but not the same id in another case', () => {
    const seen = { plan: changed({ resources: adding('s') }), before: toAll([], ['r']) };
    const other = { ...toAll([], ['r']), audience: { organization: 'o2', except: [] } };
    expect(words({ plan: seen.plan, before: other }, seen)).toHaveLength(1);
    expect(
      words({ plan: seen.plan, before: { ...other, audience: { organization: 'O1', except: null } } }, seen),
    ).toEqual([]);
  });

  test('says that the reviewed plan names no recipients when only its steps are known', () => {
    const seen = { plan: changed({ resources: adding('s') }), before: toAccounts(['a'], ['r']) };
    const { steps } = reviewed([seen]);
    expect(unreviewed(seen, { steps, access: [] }).map(unreviewedWords(cutAt, 'owner'))).toEqual([
      `give resource ${P} s of share "S" (s1) to account a, because the reviewed plan does not say who would receive it`,
    ]);
  });

  test('names access that the reviewed plan gives only through another share', () => {
    const before = toAccounts(['a'], ['r']);
    const adds = (share_id: string): ProposedPlan => ({ plan: changed({ share_id, resources: adding('s') }), before });
    const seen = reviewed([adds('s1'), { ...adds('s2'), before: toAccounts(['a', 'b'], ['r']) }]);
    expect(
      unreviewed({ ...adds('S1'), before: toAccounts(['a', 'b'], ['r']) }, seen).map(unreviewedWords(cutAt, 'owner')),
    ).toEqual([`give resource ${P} s of share "S" (S1) to account b, which is not a recipient in the reviewed plan`]);
  });

  test('names access that the reviewed plan gives only through another new share', () => {
    const creating = (name: string, except: string[]): ProposedPlan => {
      const items = { add: except.map((account_id) => ({ account_id })), remove: [], extra: [] };
      const recipients = { add: [{}], remove: [], extra: [] };
      return {
        plan: plan({ name, action: 'create', share_id: null, recipients, resources: adding('s'), exclusions: items }),
        before: toAccounts([], []),
      };
    };
    const seen = reviewed([creating('S', ['x']), creating('Other', [])]);
    expect(unreviewed(creating('Other', []), seen)).toEqual([]);
    expect(unreviewed(creating('S', []), seen).map(unreviewedWords(cutAt, 'owner'))).toEqual([
      `give resource ${P} s of share "S" to account x, which the reviewed plan excludes`,
    ]);
  });

  test('names an unreviewed removal, but not the access that the removed recipient would have gained', () => {
    const before = toAccounts(['a', 'more'], ['r']);
    const seen = { plan: changed({ resources: adding('s') }), before: toAccounts(['a'], ['r']) };
    const now = changed({ resources: adding('s'), recipients: { add: [], remove: [there('more')], extra: [] } });
    expect(words({ plan: now, before }, seen)).toEqual(['remove recipient more from share "S" (s1)']);
  });

  test('names an unreviewed step once, without the access it would give', () => {
    const before = toAccounts(['a'], ['r']);
    const seen = { plan: changed({ resources: adding('s') }), before };
    const now = changed({ resources: adding('s'), recipients: { add: [{ account_id: 'b' }], remove: [], extra: [] } });
    expect(words({ plan: now, before }, seen)).toEqual(['add recipient b to share "S" (s1)']);
  });
});

describe('the access that a share gives', () => {
  test('is empty for a share that is being deleted or does not exist', () => {
    const nothing = { audience: { accounts: [] }, resources: [] };
    expect(accessIn({}, {})).toEqual(nothing);
    expect(accessIn({ share: share({ status: 'deleting', target_type: 'organization' }) }, {})).toEqual(nothing);
  });

  test('includes neither leaving recipients nor resources that are being removed', () => {
    const found = {
      share: share({ resources: [resource('r'), resource('going', { status: 'deleting' })] }),
      recipients: [recipient('a'), recipient('gone', { association_status: 'disassociating' })],
    };
    expect(accessIn(found, {})).toMatchObject({ audience: { accounts: ['a'] }, resources: [{ resource_id: 'r' }] });
  });

  test('is what the run requested when it has just created the share', () => {
    const sent = { recipients: [{ recipient_account_id: 'a' }], exclude: [{ account_id: 'x' }] };
    expect(accessIn({ share: share() }, sent).audience).toEqual({ accounts: ['a'] });
    expect(accessIn({ share: share({ target_type: 'organization' }) }, sent).audience).toEqual({
      organization: 'o1',
      except: ['x'],
    });
  });

  test('includes the whole organization when the target type is unknown', () => {
    expect(accessIn({ share: share({ target_type: 'galaxy' }) }, {}).audience).toEqual({
      organization: 'o1',
      except: null,
    });
  });

  test('is empty after the share is deleted', () => {
    const before = accessIn({ share: share({ resources: [resource('r')] }), recipients: [recipient('a')] }, {});
    expect(accessAfter(plan({ action: 'delete' }), before).resources).toEqual([]);
    expect(gains(before, accessAfter(plan({ action: 'delete' }), before), [])).toEqual([]);
  });
});

test('a new or replaced share gives access only to the recipients that the plan adds', () => {
  const before = { audience: { accounts: ['old'] }, resources: [] };
  const recipients = { add: [{ account_id: 'new' }], remove: [], extra: [] };
  for (const action of ['create', 'replace'] as const)
    expect(accessAfter(plan({ action, recipients }), before).audience).toEqual({ accounts: ['new'] });
  expect(accessAfter(plan({ action: 'update', recipients }), before).audience).toEqual({ accounts: ['old', 'new'] });
});

test('exclusions that were not read stay unknown after an update', () => {
  const before = { audience: { organization: 'o', except: null }, resources: [] };
  const exclusions = { add: [], remove: [], extra: [] };
  expect(accessAfter(plan({ action: 'update', exclusions }), before).audience).toEqual(before.audience);
});

test('the access after a plan includes the accounts whose exclusion it removes', () => {
  const before = { audience: { organization: 'o', except: ['a', 'b'] }, resources: [] };
  const exclusions = { add: [{ account_id: 'c' }], remove: [exclusion('A')], extra: [] };
  expect(accessAfter(plan({ action: 'update', exclusions }), before).audience).toEqual({
    organization: 'o',
    except: ['b', 'c'],
  });
});
