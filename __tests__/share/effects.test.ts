import { describe, expect, test } from '@jest/globals';
import { peopleWords } from '../../src/report/effect-lines.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import { type Effect, effectsOf, effectsOfOutcome, peopleOf } from '../../src/share/effects.ts';
import type { ShareOutcome } from '../../src/share/outcome.ts';
import { decide } from '../../src/share/plan.ts';
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
} from '../report/scenes.ts';
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
          : 'its recipients';
    return `${kind} ${people}: ${what === 'share' ? 'share' : what.map((r) => r.resource_type).join(' ')}`;
  });
};

const both = [policy(), ruleset()];
const organization = { recipients: [{ organization_id: ORGANIZATION }], target: 'organization' as const };
const cases: [string, DesiredShare, Flat, string[]][] = [
  ['a new share', desired(NAME, [BERLIN, LYON]), {}, ['gain Berlin Lyon: share']],
  [
    'a new share for the organization',
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
    'one comes, one goes',
    desired(NAME, [BERLIN, PARIS]),
    { share, recipients: has(BERLIN, LYON) },
    ['lose Lyon: share', 'gain Paris: share'],
  ],
  [
    'a resource more, for those who stay',
    desired(NAME, [BERLIN, PARIS], { resources: both }),
    { share, recipients: has(BERLIN, LYON) },
    ['lose Lyon: share', 'gain Paris: share', 'gain Berlin: custom-ruleset'],
  ],
  [
    'a resource less',
    desired(NAME, [BERLIN]),
    { share: live(NAME, { resources: both }), recipients: has(BERLIN) },
    ['lose Berlin: custom-ruleset'],
  ],
  [
    'a resource changed',
    desired(NAME, [BERLIN], { resources: [policy(undefined, { priority: 2 })] }),
    { share, recipients: has(BERLIN) },
    ['change Berlin: gateway-policy'],
  ],
  [
    'a resource more, recipients not read',
    desired(NAME, [BERLIN], { resources: both }),
    { share },
    ['gain Berlin: custom-ruleset'],
  ],
  [
    'a resource more, recipients neither read nor listed',
    { ...desired(NAME, [], { resources: both }), ...({ recipients: undefined } as object) },
    { share },
    ['gain its recipients: custom-ruleset'],
  ],
  [
    'a resource more, for the organization',
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
    'accounts -> organization',
    desired(NAME, 'organization'),
    { share, recipients: has(BERLIN, LYON) },
    ['again Berlin Lyon: share', 'gain organization of the owner but 0: share'],
  ],
  [
    'organization -> accounts',
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
    'a deletion, recipients not read',
    { ...desired(NAME, []), state: 'absent' },
    { share },
    ['lose its recipients: share'],
  ],
  [
    'a deletion for the organization',
    desired(NAME, [], { state: 'absent' }),
    { share: everywhere },
    [`lose organization ${ORGANIZATION} but 0: share`],
  ],
  ['gone already', desired(NAME, [], { state: 'absent' }), {}, []],
];

test.each(cases)('%s', (_, wanted, actual, expected) => {
  const { plan } = decide(wanted, foundOf(actual), rules);
  expect(short(effectsOf(plan, { desired: wanted, ...actual } as Parameters<typeof effectsOf>[1]))).toEqual(expected);
});

test('a replacement that was made says the same, though the share is the new one by then', () => {
  const wanted = desired(NAME, [BERLIN]);
  const { plan } = decide(wanted, foundOf({ share: everywhere }), rules);
  expect(short(effectsOf(plan, { desired: wanted, share, recipients: has(BERLIN) }))).toEqual([
    `lose organization ${ORGANIZATION} but 1: share`,
    'again Berlin: share',
  ]);
});

test('whoever is excluded from what replaces their share loses it', () => {
  const wanted = desired(NAME, 'organization', { exclude: [{ account_id: LYON }] });
  const { plan } = decide(wanted, foundOf({ share, recipients: has(BERLIN, LYON) }), rules);
  expect(short(effectsOf(plan, { desired: wanted, share }))).toEqual([
    'lose Lyon: share',
    'again Berlin: share',
    'gain organization of the owner but 1: share',
  ]);
});

describe('an outcome has effects', () => {
  const create = planned(desired(NAME, [BERLIN]), {});
  const refused = planned(desired(NAME, [BERLIN]), { share: everywhere });
  const drift = { message: 'differs', kind: 'drift' as const };
  test.each<[string, ShareOutcome, number]>([
    ['when it is planned', create, 1],
    ['when it is done', { ...create, outcome: 'created' }, 1],
    ['when it is drift', { ...create, problems: [drift] }, 1],
    ['not when it is refused', refused, 0],
    ['not when it failed', { ...create, problems: [{ message: 'Cloudflare refused' }] }, 0],
    ['not when nothing was changed after all', { ...create, outcome: 'unchanged', changed: false }, 0],
  ])('%s', (_, outcome, n) => expect(effectsOfOutcome(outcome)).toHaveLength(n));
});

describe('people', () => {
  const gain = (...ids: string[]): Effect => ({ kind: 'gain', who: { kind: 'accounts', ids }, what: 'share' });
  const lose = (who: Effect['who']): Effect => ({ kind: 'lose', who, what: 'share' });
  test.each<[string, Effect[], string, string]>([
    ['nobody', [], '', ''],
    ['one', [gain(BERLIN)], '1 recipient gains something', '1 recipient gained something'],
    [
      'each once, whatever the case of the id',
      [gain(BERLIN, LYON), gain(BERLIN.toUpperCase())],
      '2 recipients gain something',
      '2 recipients gained something',
    ],
    [
      'gains and losses',
      [gain(BERLIN, LYON), lose({ kind: 'accounts', ids: [BERLIN] })],
      '2 recipients gain something, 1 recipient loses something',
      '2 recipients gained something, 1 recipient lost something',
    ],
    [
      'an organization, once',
      [
        lose({ kind: 'organization', id: ORGANIZATION, but: 2 }),
        lose({ kind: 'organization', id: ORGANIZATION, but: 2 }),
      ],
      'every account of the organization except 2 loses something',
      'every account of the organization except 2 lost something',
    ],
    [
      'different groups',
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
      'whoever was not read',
      [lose({ kind: 'recipients' })],
      'its recipients lose something',
      'its recipients lost something',
    ],
    [
      'those who keep what they have are not counted',
      [{ kind: 'again', who: { kind: 'accounts', ids: [BERLIN] }, what: 'share' }],
      '',
      '',
    ],
  ])('%s', (_, effects, future, past) => {
    expect(peopleWords(peopleOf(effects), 'future')).toBe(future);
    expect(peopleWords(peopleOf(effects), 'past')).toBe(past);
  });
});
