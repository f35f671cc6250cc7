import { describe, expect, test } from '@jest/globals';
import { peopleWords } from '../../src/report/effect-lines.ts';
import { decide } from '../../src/share/decide.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import { type Effect, effectsOf, effectsOfOutcome, peopleOf } from '../../src/share/effects.ts';
import type { ShareOutcome } from '../../src/share/outcome.ts';
import {
  BERLIN,
  desired,
  exclusion,
  LYON,
  live,
  ORGANIZATION,
  PARIS,
  planned,
  policy,
  recipient,
  ruleset,
  STAGING,
} from '../report/values.ts';
import { type Flat, foundOf } from '../share/values.ts';

const has = (...accounts: string[]) => accounts.map((id) => recipient(id));
const NAME = 'Gateway baseline';
const share = live(NAME);
const everywhere = live(NAME, { target: 'organization' });
const rules = { ifExists: 'update', prune: true, replace: true } as const;

/** Each effect in a few words: `lose Lyon: share`. */
const short = (effects: readonly Effect[]): string[] => {
  const names = new Map([
    [BERLIN, 'Berlin'],
    [LYON, 'Lyon'],
    [PARIS, 'Paris'],
    [STAGING, 'Staging'],
  ]);
  return effects.map(({ kind, who, what }) => {
    const people =
      who.kind === 'accounts'
        ? who.ids.map((id) => names.get(id)).join(' ')
        : who.kind === 'organization'
          ? `organization ${who.id ?? 'of the owner'} but ${who.but}`
          : who.kind;
    return `${kind} ${people}: ${what === 'share' ? 'share' : what.map((r) => r.resource_type).join(' ')}`;
  });
};

const both = [policy(), ruleset()];
const organization = { recipients: [{ organization_id: ORGANIZATION }], target: 'organization' as const };
const cases: [string, DesiredShare, Flat, string[]][] = [
  ['a new share', desired(NAME, [BERLIN, LYON]), {}, ['gain Berlin Lyon: share']],
  [
    "a new share for the owner's organization",
    desired(NAME, 'organization', { exclude: [{ account_id: STAGING }] }),
    {},
    ['gain organization of the owner but 1: share'],
  ],
  [
    'a new share for a named organization',
    desired(NAME, [], organization),
    {},
    [`gain organization ${ORGANIZATION} but 0: share`],
  ],
  ['no change', desired(NAME, [BERLIN]), { share, recipients: has(BERLIN) }, []],
  [
    'a recipient joins, and another one leaves',
    desired(NAME, [BERLIN, PARIS]),
    { share, recipients: has(BERLIN, LYON) },
    ['lose Lyon: share', 'gain Paris: share'],
  ],
  [
    'a resource is added, and some recipients stay',
    desired(NAME, [BERLIN, PARIS], { resources: both }),
    { share, recipients: has(BERLIN, LYON) },
    ['lose Lyon: share', 'gain Paris: share', 'gain Berlin: custom-ruleset'],
  ],
  [
    'a resource is removed',
    desired(NAME, [BERLIN]),
    { share: live(NAME, { resources: both }), recipients: has(BERLIN) },
    ['lose Berlin: custom-ruleset'],
  ],
  [
    "a resource's meta changes",
    desired(NAME, [BERLIN], { resources: [policy(undefined, { priority: 2 })] }),
    { share, recipients: has(BERLIN) },
    ['change Berlin: gateway-policy'],
  ],
  [
    'a resource is added, and recipients were not read',
    desired(NAME, [BERLIN], { resources: both }),
    { share },
    ['gain Berlin: custom-ruleset'],
  ],
  [
    'a resource is added, and recipients were neither read nor listed',
    { ...desired(NAME, [], { resources: both }), ...({ recipients: undefined } as object) },
    { share },
    ['gain recipients: custom-ruleset'],
  ],
  [
    'a resource is added, and recipients were read but not listed',
    { ...desired(NAME, [], { resources: both }), ...({ recipients: undefined } as object) },
    { share, recipients: has(BERLIN, LYON) },
    ['gain Berlin Lyon: custom-ruleset'],
  ],
  [
    'a resource is added to a share with the organization',
    desired(NAME, 'organization', { resources: both, exclude: [{ account_id: STAGING }] }),
    { share: everywhere, exclusions: [] },
    ['lose Staging: share', `gain organization ${ORGANIZATION} but 1: custom-ruleset`],
  ],
  [
    'an exclusion ends',
    desired(NAME, 'organization', { exclude: [] }),
    { share: everywhere, exclusions: [exclusion(STAGING)] },
    ['gain Staging: share'],
  ],
  [
    'accounts are replaced with the organization',
    desired(NAME, 'organization'),
    { share, recipients: has(BERLIN, LYON) },
    ['again Berlin Lyon: share', 'gain organization of the owner but 0: share'],
  ],
  [
    'the organization is replaced with accounts',
    desired(NAME, [BERLIN]),
    { share: everywhere },
    [`lose organization ${ORGANIZATION} but 1: share`, 'again Berlin: share'],
  ],
  [
    'a deletion',
    desired(NAME, [], { state: 'absent' }),
    { share, recipients: has(BERLIN, LYON) },
    ['lose Berlin Lyon: share'],
  ],
  [
    'a deletion, and recipients were not read',
    { ...desired(NAME, []), state: 'absent' },
    { share },
    ['lose recipients: share'],
  ],
  [
    'a deletion of a share with the organization',
    desired(NAME, [], { state: 'absent' }),
    { share: everywhere },
    [`lose organization ${ORGANIZATION} but 0: share`],
  ],
  [
    'a deletion of a share with the organization whose recipients were read',
    desired(NAME, [], { state: 'absent' }),
    { share: everywhere, recipients: has(BERLIN) },
    [`lose organization ${ORGANIZATION} but 0: share`],
  ],
  [
    'recipients and resources change, and recipients were not read',
    desired(NAME, [BERLIN, LYON], { resources: [ruleset()] }),
    { share },
    ['lose Berlin Lyon: gateway-policy', 'gain Berlin Lyon: custom-ruleset'],
  ],
  ['the share is already deleted', desired(NAME, [], { state: 'absent' }), {}, []],
];

test.each(cases)('lists the effects of a plan: %s', (_, wanted, actual, expected) => {
  const { plan } = decide(wanted, foundOf(actual), rules);
  expect(short(effectsOf(plan, { desired: wanted, ...actual } as Parameters<typeof effectsOf>[1]))).toEqual(expected);
});

test('a completed replacement has the same effects as its plan', () => {
  const wanted = desired(NAME, [BERLIN]);
  const { plan } = decide(wanted, foundOf({ share: everywhere }), rules);
  expect(short(effectsOf(plan, { desired: wanted, share, recipients: has(BERLIN) }))).toEqual([
    `lose organization ${ORGANIZATION} but 1: share`,
    'again Berlin: share',
  ]);
});

test('a completed deletion has the same effects as its plan', () => {
  const wanted = desired(NAME, [], { state: 'absent' });
  const { plan } = decide(wanted, foundOf({ share, recipients: has(BERLIN, LYON) }), rules);
  expect(short(effectsOf(plan, { desired: wanted, share, recipients: [] }))).toEqual(['lose Berlin Lyon: share']);
});

test('the effects on a share that no longer exists follow from its desired target', () => {
  const wanted = desired(NAME, 'organization', { resources: both });
  const { plan } = decide(wanted, foundOf({ share: everywhere }), rules);
  expect(short(effectsOf(plan, { desired: wanted }))).toEqual(['gain organization of the owner but 0: custom-ruleset']);
});

test('unlisted recipients also gain an added resource', () => {
  const wanted = desired(NAME, [BERLIN], { resources: both });
  const { plan } = decide(wanted, foundOf({ share, recipients: has(BERLIN, LYON) }), { ...rules, prune: false });
  expect(short(effectsOf(plan, { desired: wanted, share }))).toEqual(['gain Berlin Lyon: custom-ruleset']);
});

test('recipients that a replacement excludes lose the share', () => {
  const wanted = desired(NAME, 'organization', { exclude: [{ account_id: LYON }] });
  const { plan } = decide(wanted, foundOf({ share, recipients: has(BERLIN, LYON) }), rules);
  expect(short(effectsOf(plan, { desired: wanted, share }))).toEqual([
    'lose Lyon: share',
    'again Berlin: share',
    'gain organization of the owner but 1: share',
  ]);
});

describe('an outcome', () => {
  const create = planned(desired(NAME, [BERLIN]), {});
  const refused = planned(desired(NAME, [BERLIN]), { share: everywhere });
  const drift = { message: 'differs', kind: 'drift' as const };
  test.each<[string, ShareOutcome, number]>([
    ['has effects when it is a plan', create, 1],
    ['has effects when it was applied', { ...create, outcome: 'created' }, 1],
    ['has effects when a plan finds drift', { ...create, problems: [drift] }, 1],
    ['has no effects when it was refused', refused, 0],
    ['has no effects when it failed', { ...create, problems: [{ message: 'Cloudflare refused' }] }, 0],
    ['has no effects when nothing changed', { ...create, outcome: 'unchanged', changed: false }, 0],
  ])('%s', (_, outcome, n) => expect(effectsOfOutcome(outcome)).toHaveLength(n));
});

describe('the sentence about affected recipients', () => {
  const gain = (...ids: string[]): Effect => ({ kind: 'gain', who: { kind: 'accounts', ids }, what: 'share' });
  const lose = (who: Effect['who']): Effect => ({ kind: 'lose', who, what: 'share' });
  test.each<[string, Effect[], string, string]>([
    ['is empty when nobody is affected', [], '', ''],
    ['counts one recipient', [gain(BERLIN)], '1 recipient gains something', '1 recipient gained something'],
    [
      'counts each recipient once, regardless of the case of its id',
      [gain(BERLIN, LYON), gain(BERLIN.toUpperCase())],
      '2 recipients gain something',
      '2 recipients gained something',
    ],
    [
      'counts gains and losses separately',
      [gain(BERLIN, LYON), lose({ kind: 'accounts', ids: [BERLIN] })],
      '2 recipients gain something, 1 recipient loses something',
      '2 recipients gained something, 1 recipient lost something',
    ],
    [
      'names an organization once',
      [
        lose({ kind: 'organization', id: ORGANIZATION, but: 2 }),
        lose({ kind: 'organization', id: ORGANIZATION, but: 2 }),
      ],
      'every account of the organization except 2 loses something',
      'every account of the organization except 2 lost something',
    ],
    [
      'names groups with different changes separately',
      [
        lose({ kind: 'organization', id: ORGANIZATION, but: 2 }),
        lose({ kind: 'organization', id: 'another', but: 2 }),
        lose({ kind: 'organization', id: ORGANIZATION, but: 3 }),
        lose({ kind: 'recipients' }),
        lose({ kind: 'recipients' }),
      ],
      'every account of the organization except 2 loses something, every account of the organization except 2 loses something, every account of the organization except 3 loses something, its recipients lose something',
      'every account of the organization except 2 lost something, every account of the organization except 2 lost something, every account of the organization except 3 lost something, its recipients lost something',
    ],
    [
      'mentions recipients that were not read',
      [lose({ kind: 'recipients' })],
      'its recipients lose something',
      'its recipients lost something',
    ],
    [
      'ignores recipients that keep their access',
      [{ kind: 'again', who: { kind: 'accounts', ids: [BERLIN] }, what: 'share' }],
      '',
      '',
    ],
  ])('%s', (_, effects, future, past) => {
    expect(peopleWords(peopleOf(effects), 'future')).toBe(future);
    expect(peopleWords(peopleOf(effects), 'past')).toBe(past);
  });
});
