import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planToConverge } from '../../src/share/decide.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import { type Phase, phasesOf, stepsAhead, type UpdateRequest } from '../../src/share/phases.ts';
import type { SharePlan } from '../../src/share/plan.ts';
import type { RecipientItem, Share } from '../../src/share/share.ts';
import { wordsOf } from '../../src/share/steps.ts';
import {
  desired,
  desiredResource,
  desiredWithoutLists,
  exclusion,
  type Flat,
  foundOf,
  plan,
  share,
  there,
  thereResource,
} from './values.ts';
import { actualCases, changed, desiredCases, desiredWorld, MEMBERS, type World, worldOf } from './world.ts';

/** A request in short form: `-r a1` removes a recipient, `=r a1 a2` sets all recipients, `+R r1` adds a resource. */
const short = (request: UpdateRequest): string => {
  switch (request.kind) {
    case 'rename':
      return `name ${request.name}`;
    case 'delete share':
      return `delete ${request.id}`;
    case 'set recipients':
      return ['=r', ...request.items.map((item) => item.account_id)].join(' ');
    case 'add recipient':
      return `+r ${request.item.account_id}`;
    case 'remove recipient':
      return `-r ${request.id}`;
    case 'set exclusions':
      return ['=x', ...request.items.map((item) => item.account_id)].join(' ');
    case 'add resource':
      return `+R ${request.item.resource_id}`;
    case 'update resource':
      return `~R ${request.id} ${JSON.stringify(request.meta)}`;
    case 'remove resource':
      return `-R ${request.id}`;
  }
};

/** One line per phase. */
const lines = (phases: readonly Phase[]): string[] => phases.map((phase) => phase.map(short).join(', '));

const accounts = (...ids: string[]): RecipientItem[] => ids.map((account_id) => ({ account_id }));
const recipients = (add: string[], remove: string[] = []): Pick<SharePlan, 'recipients'> => ({
  recipients: { add: accounts(...add), remove: remove.map((id) => there(id)), extra: [] },
});
const resources = (add: string[], update: string[] = [], remove: string[] = []): Pick<SharePlan, 'resources'> => ({
  resources: {
    add: add.map((id) => desiredResource(id)),
    update: update.map((id) => ({ ...thereResource(id), meta: { a: 1 }, previous_meta: {} })),
    remove: remove.map(thereResource),
    extra: [],
  },
});
const exclusions = (add: string[], remove: string[] = [], extra: string[] = []): Pick<SharePlan, 'exclusions'> => ({
  exclusions: {
    add: add.map((account_id) => ({ account_id })),
    remove: remove.map(exclusion),
    extra: extra.map(exclusion),
  },
});

const phasesFor = (
  planned: SharePlan,
  wanted: DesiredShare,
  { prune }: { prune: boolean },
  losers: readonly Share[] = [],
): Phase[] => phasesOf({ plan: planned, desired: wanted, prune, found: { election: { losers } } });

interface Order {
  /** The desired recipients and resources. */
  desired?: [string[], string[]];
  exclude?: string[];
  plan: Partial<SharePlan>;
  prune?: boolean;
  losers?: string[];
  phases: string[];
}

const table: Record<string, Order> = {
  'no request is sent when nothing changes': { plan: {}, phases: [] },
  'the rename comes first, followed by the deletion of election losers': {
    plan: { rename: { from: 'Old', to: 'S' }, ...recipients(['a1']), ...resources(['r1']) },
    losers: ['s8', 's9'],
    phases: ['name S', 'delete s8, delete s9', '+R r1', '+r a1'],
  },
  'without prune, each new recipient is added with its own request': {
    plan: recipients(['a1', 'a2']),
    phases: ['+r a1, +r a2'],
  },
  'with prune, all new recipients are added in one request': {
    desired: [['a1', 'a2', 'a3'], ['r1']],
    plan: recipients(['a1', 'a2']),
    prune: true,
    phases: ['=r a1 a2 a3'],
  },
  'with prune, one request removes and adds recipients': {
    desired: [['a1', 'a2'], ['r1']],
    plan: recipients(['a2'], ['a3', 'a4']),
    prune: true,
    phases: ['=r a1 a2'],
  },
  'recipients leave before resources are added or removed': {
    desired: [['a1'], ['r1', 'r2']],
    plan: { ...recipients([], ['a3', 'a4']), ...resources(['r1'], ['r2'], ['r3']) },
    prune: true,
    phases: ['=r a1', '+R r1', '~R share-r2 {"a":1}', '-R share-r3'],
  },
  'resources are updated before recipients join': {
    desired: [
      ['a1', 'a2'],
      ['r1', 'r2'],
    ],
    plan: { ...recipients(['a2']), ...resources(['r1'], ['r2'], ['r3', 'r4']) },
    prune: true,
    phases: ['+R r1', '~R share-r2 {"a":1}', '-R share-r3, -R share-r4', '=r a1 a2'],
  },
  'if a recipient stays, recipients leave, then resources change, then recipients join': {
    desired: [
      ['a1', 'a2'],
      ['r1', 'r2'],
    ],
    plan: { ...recipients(['a2'], ['a3', 'a4']), ...resources(['r1'], ['r2'], ['r3']) },
    prune: true,
    phases: ['-r recipient-a3, -r recipient-a4', '+R r1', '~R share-r2 {"a":1}', '-R share-r3', '=r a1 a2'],
  },
  'if a recipient stays, a resource is removed between leaving and joining recipients': {
    desired: [['a1', 'a2'], ['r1']],
    plan: { ...recipients(['a2'], ['a3']), ...resources([], [], ['r3']) },
    prune: true,
    phases: ['-r recipient-a3', '-R share-r3', '=r a1 a2'],
  },
  'if a recipient stays, a resource is added between leaving and joining recipients': {
    desired: [['a1', 'a2'], ['r1']],
    plan: { ...recipients(['a2'], ['a3']), ...resources(['r1']) },
    prune: true,
    phases: ['-r recipient-a3', '+R r1', '=r a1 a2'],
  },
  'if a recipient stays, a resource is updated between leaving and joining recipients': {
    desired: [['a1', 'a2'], ['r1']],
    plan: { ...recipients(['a2'], ['a3']), ...resources([], ['r1']) },
    prune: true,
    phases: ['-r recipient-a3', '~R share-r1 {"a":1}', '=r a1 a2'],
  },
  'if only a resource stays, resources are removed before recipients change and added afterwards': {
    desired: [
      ['a1', 'a2'],
      ['r1', 'r2', 'r4'],
    ],
    plan: { ...recipients(['a1', 'a2'], ['a3']), ...resources(['r1'], ['r2'], ['r3']) },
    prune: true,
    phases: ['-R share-r3', '=r a1 a2', '+R r1', '~R share-r2 {"a":1}'],
  },
  'if nothing stays, recipients change first, then resources are added, then removed': {
    desired: [['a1'], ['r1']],
    plan: { ...recipients(['a1'], ['a3']), ...resources(['r1'], [], ['r3']) },
    prune: true,
    phases: ['=r a1', '+R r1', '-R share-r3'],
  },
  'accounts are excluded before resources are added': {
    exclude: ['a1', 'a2'],
    plan: { ...resources(['r1']), ...exclusions(['a2'], [], ['a3']) },
    phases: ['=x a1 a2 a3', '+R r1'],
  },
  'exclusions are lifted after resources are updated': {
    exclude: ['a1'],
    plan: { ...resources(['r1'], [], ['r2']), ...exclusions([], ['a3']) },
    prune: true,
    phases: ['+R r1', '-R share-r2', '=x a1'],
  },
  'a request that adds and lifts exclusions comes first': {
    exclude: ['a1'],
    plan: { ...resources(['r1']), ...exclusions(['a1'], ['a3']) },
    prune: true,
    phases: ['=x a1', '+R r1'],
  },
  'a request that adds and lifts exclusions comes between removals and additions of resources if one stays': {
    desired: [[], ['r1', 'r2']],
    exclude: ['a1'],
    plan: { ...resources(['r1'], [], ['r3']), ...exclusions(['a1'], ['a3']) },
    prune: true,
    phases: ['-R share-r3', '=x a1', '+R r1'],
  },
  'unchanged exclusions are not sent': {
    exclude: ['a1'],
    plan: { ...resources(['r1']), ...exclusions([], [], ['a3']) },
    phases: ['+R r1'],
  },
};

const wanted = ([who, what]: [string[], string[]] = [[], []], exclude?: string[]): DesiredShare =>
  desired({
    recipients: accounts(...who),
    resources: what.map((id) => desiredResource(id)),
    ...(exclude ? { exclude: exclude.map((account_id) => ({ account_id })) } : {}),
  });

describe('the order of requests', () => {
  test.each(Object.entries(table))(
    '%s',
    (_, { desired: lists, exclude, plan: parts, prune = false, losers, phases }) => {
      const lost = losers?.map((id) => share({ id }));
      expect(lines(phasesFor(plan(parts), wanted(lists, exclude), { prune }, lost))).toEqual(phases);
    },
  );

  test('without desired lists, only the name and exclusions change', () => {
    const planned = plan({ rename: { from: 'Old', to: 'S' }, ...exclusions([], ['a3'], ['a4']) });
    expect(lines(phasesFor(planned, desiredWithoutLists(), { prune: true }))).toEqual(['name S', '=x a4']);
  });
});

describe('the steps of a request', () => {
  test('include one step for each added or removed item if the request sets a list', () => {
    // A share with the organization has exclusions instead of a recipient list.
    const toAll = plan({ rename: { from: 'Old', to: 'S' }, ...exclusions(['a5'], ['a6'], ['a7']) });
    const toAccounts = plan(recipients(['a1'], ['a3', 'a4']));
    const phases = [
      ...phasesFor(toAll, wanted([[], ['r1']], ['a5']), { prune: true }, [share({ id: 's9' })]),
      ...phasesFor(toAccounts, wanted([['a1'], ['r1']]), { prune: true }),
    ];
    expect(
      phases.map((phase) => phase.map(({ steps, ...change }) => ({ ...change, steps: steps.map(wordsOf) }))),
    ).toEqual([
      [{ kind: 'rename', name: 'S', steps: ['rename the share to "S"'] }],
      [{ kind: 'delete share', id: 's9', steps: ['delete the temporary share s9'] }],
      [
        {
          kind: 'set exclusions',
          items: [{ account_id: 'a5' }, { account_id: 'a7' }],
          steps: ['add exclusion of account a5', 'remove exclusion of account a6'],
        },
      ],
      [
        {
          kind: 'set recipients',
          items: [{ account_id: 'a1' }],
          steps: ['remove recipient a3', 'remove recipient a4', 'add recipient a1'],
        },
      ],
    ]);
  });

  test('consist of a single step unless the request sets a list', () => {
    const planned = plan({ ...recipients(['a1'], ['a3']), ...resources(['r1'], ['r2'], ['r3']) });
    const steps = (phases: Phase[]): string[][] => phases.flat().map((change) => change.steps.map(wordsOf));
    expect(
      steps(
        phasesFor(
          planned,
          wanted([
            ['a1', 'a2'],
            ['r1', 'r2'],
          ]),
          { prune: true },
        ),
      ),
    ).toEqual([
      ['remove recipient a3'],
      ['add resource gateway-policy r1'],
      ['update resource gateway-policy r2'],
      ['remove resource gateway-policy r3'],
      ['add recipient a1'],
    ]);
    const allChange = plan({ ...recipients(['a1'], ['a3']), ...resources(['r1']) });
    expect(steps(phasesFor(allChange, wanted([['a1'], ['r1', 'r2']]), { prune: true }))).toEqual([
      ['remove recipient a3', 'add recipient a1'],
      ['add resource gateway-policy r1'],
    ]);
    expect(steps(phasesFor(plan(recipients(['a1'])), wanted([['a1'], ['r1']]), { prune: false }))).toEqual([
      ['add recipient a1'],
    ]);
  });
});

/** The resources that one account can see, each with its meta. */
function seenBy(account: string, world: World): Map<string, string> {
  const reached = world.target === 'account' ? world.recipients.has(account) : !world.exclusions.has(account);
  return new Map(reached ? world.resources : []);
}

const reached = (world: World): string[] => MEMBERS.filter((account) => seenBy(account, world).size > 0);

interface Walk {
  planned: SharePlan;
  phases: Phase[];
  before: World;
  /** The world after each request. */
  moments: World[];
  after: World;
}

/** An update of a share that stays, request by request. The requests of one phase can run in any order. */
const walks = fc.tuple(desiredCases, fc.boolean(), fc.boolean()).chain(([asked, prune, reversed]) =>
  actualCases(asked.target ? { target: asked.target } : {}).map((found) => {
    const planned = planToConverge(asked, foundOf(found), { prune });
    const phases = phasesFor(planned, asked, { prune });
    const before = worldOf(found);
    const moments: World[] = [];
    let world = before;
    for (const change of phases.flatMap((phase) => (reversed ? [...phase].reverse() : phase))) {
      world = changed(world, change, found);
      moments.push(world);
    }
    return { planned, phases, before, moments, after: world, asked, prune };
  }),
);

/** What accounts see during the update, but neither before nor after it. */
const indiscretions = ({ before, moments, after }: Walk, compare: 'resources' | 'meta' = 'meta'): string[] =>
  moments.flatMap((world) =>
    MEMBERS.flatMap((account) => {
      const allowed = [seenBy(account, before), seenBy(account, after)];
      return [...seenBy(account, world)]
        .filter(([key, meta]) => !allowed.some((a) => (compare === 'meta' ? a.get(key) === meta : a.has(key))))
        .map(([key]) => `${account} sees ${key}`);
    }),
  );

const stays = <T>(before: Iterable<T>, after: { has: (each: T) => boolean }): boolean =>
  [...before].some((each) => after.has(each));

const somebodyStays = ({ before, after }: Walk): boolean => stays(reached(before), new Set(reached(after)));
const aResourceStays = ({ before, after }: Walk): boolean => stays(before.resources.keys(), after.resources);
const excludesAndIncludes = ({ planned }: Walk): boolean =>
  (planned.exclusions?.add.length ?? 0) > 0 && (planned.exclusions?.remove.length ?? 0) > 0;
/** Some account gains access; accounts without access before and after don't count. */
const joins = ({ before, after }: Walk): boolean =>
  reached(after).some((account) => !reached(before).includes(account));
const leaves = ({ before, after }: Walk): boolean =>
  reached(before).some((account) => !reached(after).includes(account));
const allChangePlaces = (walk: Walk): boolean => joins(walk) && leaves(walk) && !somebodyStays(walk);

describe('at every moment of an update', () => {
  const holds = (predicate: (walk: Walk & { asked: DesiredShare; prune: boolean }) => void, numRuns = 400): void =>
    fc.assert(
      fc.property(walks, (walk) => {
        fc.pre(walk.planned.action !== 'replace');
        predicate(walk);
      }),
      { numRuns },
    );

  test('nobody sees anything that they see neither before nor after it', () =>
    holds((walk) => {
      fc.pre(!allChangePlaces(walk) && !excludesAndIncludes(walk));
      expect(indiscretions(walk)).toEqual([]);
    }));

  test('nobody sees an unrelated resource if a resource stays', () =>
    holds((walk) => {
      fc.pre((allChangePlaces(walk) || excludesAndIncludes(walk)) && aResourceStays(walk));
      expect(indiscretions(walk, 'resources')).toEqual([]);
    }, 100));

  test('leaving recipients gain nothing', () =>
    holds((walk) => {
      const leaving = MEMBERS.filter((account) => !reached(walk.after).includes(account));
      const news = leaving.flatMap((account) => {
        const had = seenBy(account, walk.before);
        return walk.moments.flatMap((world) =>
          [...seenBy(account, world)]
            .filter(([key, meta]) => had.get(key) !== meta)
            .map(([key]) => `${account}: ${key}`),
        );
      });
      expect(news).toEqual([]);
    }));

  test('staying recipients always see the resources that stay', () =>
    holds(({ before, moments, after }) => {
      const missing = MEMBERS.flatMap((account) => {
        const [had, has] = [seenBy(account, before), seenBy(account, after)];
        const kept = [...had.keys()].filter((key) => has.has(key));
        return moments.flatMap((world) => kept.filter((key) => !seenBy(account, world).has(key)));
      });
      expect(missing).toEqual([]);
    }));

  test('the share always has a resource and a recipient', () =>
    holds(({ before, moments }) => {
      const empty = moments.filter(
        ({ resources: shared, recipients: listed }) =>
          shared.size === 0 || (before.target === 'account' && listed.size === 0),
      );
      expect(empty).toEqual([]);
    }));

  test('the state after the last request is the desired one', () =>
    holds(({ before, after, asked, prune }) => {
      const aim = desiredWorld(asked, before);
      const kept = <T>(had: Iterable<T>): T[] => (prune ? [] : [...had]);
      expect(after).toEqual({
        ...aim,
        recipients:
          asked.target === 'account' ? new Set([...aim.recipients, ...kept(before.recipients)]) : before.recipients,
        resources: new Map([...kept(before.resources), ...aim.resources]),
        exclusions: asked.exclude ? new Set([...aim.exclusions, ...kept(before.exclusions)]) : before.exclusions,
      });
    }));
});

test('with prune, one request adds and removes any number of recipients', () =>
  fc.assert(
    fc.property(fc.nat(500), fc.nat(500), fc.nat(500), (joining, leaving, staying) => {
      const named = (letter: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${letter}${i}`);
      const [adds, removes] = [named('j', joining), named('l', leaving)];
      const asked = wanted([[...named('s', staying), ...adds], ['r1']]);
      const phases = phasesFor(plan(recipients(adds, removes)), asked, { prune: true });
      expect(phases.flat()).toHaveLength(joining + leaving > 0 ? 1 : 0);
    }),
    { numRuns: 50 },
  ));

describe('the remaining steps', () => {
  const T = 'S [creating 0123456789ab]';
  const temporary = share({ id: 't1', name: T });
  test.each<[string, Partial<SharePlan>, Flat, string[]]>([
    ['of a creation', { action: 'create', share_id: null }, {}, ['create share "S"']],
    [
      'of a replacement',
      { action: 'replace' },
      { share: share() },
      ['create share "S"', 'delete the replaced share s1', 'rename the share to "S"'],
    ],
    [
      'of a replacement whose new share exists',
      { action: 'replace' },
      { share: share(), successor: temporary },
      ['delete the replaced share s1', 'rename the share to "S"'],
    ],
    [
      'of a deletion',
      { action: 'delete' },
      { share: share(), losers: [temporary] },
      ['delete share s1', 'delete the temporary share t1'],
    ],
    [
      'of an update',
      { action: 'update', rename: { from: T, to: 'S' }, ...recipients(['a1']), ...resources(['r1']) },
      { share: share(), losers: [temporary] },
      [
        'rename the share to "S"',
        'delete the temporary share t1',
        'add resource gateway-policy r1',
        'add recipient a1',
      ],
    ],
    ['of a plan without changes', { action: 'none' }, { share: share() }, []],
  ])('list what is left %s', (_, change, found, words) => {
    const decision = { plan: plan(change), desired: desired(), found: foundOf(found), prune: false };
    expect(stepsAhead(decision).map(wordsOf)).toEqual(words);
  });
});
