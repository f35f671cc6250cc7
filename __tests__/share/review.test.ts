import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { REVIEW_VERSION } from '../../src/review/marker.ts';
import { cutAt } from '../../src/secrets.ts';
import type { SharePlan } from '../../src/share/plan.ts';
import { digestOf, reviewed, reviewSteps, unreviewed, unreviewedWords, withDigests } from '../../src/share/review.ts';
import { temporaryName } from '../../src/share/temporary-name.ts';
import { leastBefore, proposed } from '../review/plans.ts';

const empty = (change: Partial<SharePlan> = {}): SharePlan => ({
  name: 'S',
  action: 'none',
  share_id: null,
  rename: null,
  recipients: { add: [], remove: [], extra: [] },
  resources: { add: [], update: [], remove: [], extra: [] },
  ...change,
});
const recipient = (account_id: string) => ({ account_id });
const there = (account_id: string) => ({ id: `id-${account_id}`, account_id, association_status: 'associated' });
const resource = (resource_id: string, meta: unknown = {}) => ({
  resource_type: 'gateway-policy',
  resource_id,
  resource_account_id: 'owner',
  meta,
});
const shared = (resource_id: string) => {
  const { meta: _, ...rest } = resource(resource_id);
  return { id: `id-${resource_id}`, ...rest };
};
const recipients = (change: Partial<SharePlan['recipients']>) => ({ add: [], remove: [], extra: [], ...change });
const resources = (change: Partial<SharePlan['resources']>) => ({
  add: [],
  update: [],
  remove: [],
  extra: [],
  ...change,
});
const exclusions = (change: Partial<NonNullable<SharePlan['exclusions']>>) => ({
  add: [],
  remove: [],
  extra: [],
  ...change,
});

const create = (to: string[] = ['a', 'b'], what = ['r', 'q']): SharePlan =>
  empty({
    action: 'create',
    recipients: recipients({ add: to.map(recipient) }),
    resources: resources({ add: what.map((id) => resource(id)) }),
  });
const replace = (to: string[] = ['a', 'b'], id = 'old'): SharePlan => ({
  ...create(to),
  action: 'replace',
  share_id: id,
});
const update = (share_id: string, change: Partial<SharePlan> = {}): SharePlan =>
  empty({ action: 'update', share_id, ...change });
const T = temporaryName('S', '0123456789abcdef');
/** The parts of the plans that the reviewed plans don't cover, in the same world or in another one. */
const beyond = (now: readonly SharePlan[], seen: readonly SharePlan[], world = leastBefore): string[] =>
  now.flatMap((plan) =>
    unreviewed(proposed(plan, world(plan)), reviewed(seen.map((each) => proposed(each)))).map(
      unreviewedWords(cutAt, 'owner'),
    ),
  );
const words = (now: SharePlan, seen: SharePlan | SharePlan[]): string[] => beyond([now], [seen].flat());
const allWords = (plan: SharePlan): string[] =>
  reviewSteps(plan).map((step) => unreviewedWords(cutAt, 'owner')({ kind: 'step', plan, step, unlisted: [] }));

// --- any plan ---

const idArb = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const ids = fc.uniqueArray(idArb, { maxLength: 4 });
const metaArb = fc.constantFrom({}, { a: 1 }, { a: [1, { b: null }] }, { a: 2 });
const disjoint = fc.tuple(ids, ids, ids).map(([a, b, c]) => {
  const second = b.filter((id) => !a.includes(id));
  return [a, second, c.filter((id) => !a.includes(id) && !second.includes(id))] as const;
});
const planArb: fc.Arbitrary<SharePlan> = fc
  .record({
    name: fc.constantFrom('S', 'Other'),
    action: fc.constantFrom('create', 'update', 'replace', 'delete', 'none') as fc.Arbitrary<SharePlan['action']>,
    id: fc.constantFrom('x1', 'x2'),
    rename: fc.option(fc.constantFrom('Old', 'Older', T)),
    to: disjoint,
    what: disjoint,
    extra: fc.boolean(),
    metas: fc.array(metaArb, { minLength: 8, maxLength: 8 }),
    left: fc.option(disjoint),
  })
  .map(({ name, action, id, rename, to, what, extra, metas, left }): SharePlan => {
    const [addTo, removeTo, extraTo] = to;
    const [addWhat, removeWhat, updateWhat] = what;
    const changes = action !== 'none' && action !== 'delete';
    const inPlace = action === 'update';
    return {
      ...empty({ name, action, share_id: action === 'create' ? null : id }),
      rename: inPlace && rename !== null ? { from: rename, to: name } : null,
      ...(changes
        ? {
            recipients: {
              add: addTo.map(recipient),
              remove: action === 'create' ? [] : removeTo.map(there),
              extra: extra && inPlace ? extraTo.map(there) : [],
            },
            resources: {
              add: addWhat.map((each, i) => resource(each, metas[i])),
              update: inPlace
                ? updateWhat.map((each, i) => ({ ...shared(each), meta: metas[i + 4], previous_meta: { was: 1 } }))
                : [],
              remove: action === 'create' ? [] : removeWhat.map(shared),
              extra: [],
            },
            ...(left
              ? {
                  exclusions: {
                    add: left[0].map(recipient),
                    remove: action === 'create' ? [] : left[1].map((a) => ({ id: `e-${a}`, account_id: a })),
                    extra: [],
                  },
                }
              : {}),
          }
        : {}),
    };
  });

/** Some of a plan's steps, with all removals and exclusions: fewer of those would let somebody gain more. */
const fewerOf = (plan: SharePlan): fc.Arbitrary<SharePlan> =>
  fc
    .record({
      to: fc.subarray(plan.recipients.add),
      what: fc.subarray(plan.resources.add),
      change: fc.subarray(plan.resources.update),
      admit: fc.subarray(plan.exclusions?.remove ?? []),
      rename: fc.boolean(),
    })
    .map(({ to, what, change, admit, rename }) => ({
      ...plan,
      rename: rename ? plan.rename : null,
      recipients: { ...plan.recipients, add: to },
      resources: { ...plan.resources, add: what, update: change },
      ...(plan.exclusions ? { exclusions: { ...plan.exclusions, remove: admit } } : {}),
    }));

/** The same plan as another run might write it, in another order and case and with the other key for accounts. */
const otherwise = (plan: SharePlan): SharePlan => {
  const swap = (text: string): string => text.toUpperCase();
  const turned = <V>(value: V): V =>
    (Array.isArray(value)
      ? value.map(turned)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, inner]) => [key, turned(inner)]),
          )
        : value) as V;
  return {
    ...plan,
    share_id: plan.share_id && swap(plan.share_id),
    recipients: {
      add: plan.recipients.add.map((item) => ({ recipient_account_id: swap(item.account_id ?? '') })).reverse(),
      remove: plan.recipients.remove.map((r) => ({ ...r, id: 'another', association_status: 'associating' })).reverse(),
      extra: plan.recipients.extra,
    },
    resources: {
      add: plan.resources.add
        .map((r) => ({ ...r, resource_id: swap(r.resource_id), resource_account_id: 'OWNER', meta: turned(r.meta) }))
        .reverse(),
      update: plan.resources.update.map((r) => ({ ...r, meta: turned(r.meta), previous_meta: 'another' })).reverse(),
      remove: plan.resources.remove.map((r) => ({ ...r, id: 'another' })).reverse(),
      extra: plan.resources.extra,
    },
    ...(plan.exclusions
      ? {
          exclusions: {
            ...plan.exclusions,
            add: plan.exclusions.add.map(({ account_id }) => ({ account_id: swap(account_id) })).reverse(),
          },
        }
      : {}),
  };
};

describe('any reviewed plan', () => {
  const plansArb = fc.array(planArb, { minLength: 1, maxLength: 3 });

  test('covers itself, in any order and case, with either account key, and after a round trip through JSON', () =>
    fc.assert(
      fc.property(plansArb, (plans) => {
        expect(beyond(plans, plans)).toEqual([]);
        expect(beyond(JSON.parse(JSON.stringify(plans)), plans)).toEqual([]);
        expect(beyond([...plans].reverse().map(otherwise), plans)).toEqual([]);
      }),
      { numRuns: 500 },
    ));

  test('covers any part of itself that keeps every removal and exclusion', () =>
    fc.assert(
      fc.property(
        planArb.chain((plan) => fc.tuple(fc.constant(plan), fewerOf(plan))),
        ([plan, fewer]) => expect(beyond([fewer], [plan], () => leastBefore(plan))).toEqual([]),
      ),
      { numRuns: 500 },
    ));

  test('does not cover an additional step, and only that step is reported', () => {
    const more: [string, (plan: SharePlan) => SharePlan][] = [
      [
        'recipient new-one',
        (p) => ({ ...p, recipients: { ...p.recipients, add: [...p.recipients.add, recipient('new-one')] } }),
      ],
      ['the whole organization', (p) => ({ ...p, recipients: { ...p.recipients, add: [...p.recipients.add, {}] } })],
      [
        'organization new-one',
        (p) => ({ ...p, recipients: { ...p.recipients, add: [...p.recipients.add, { organization_id: 'new-one' }] } }),
      ],
      [
        'resource gateway-policy new-one',
        (p) => ({ ...p, resources: { ...p.resources, add: [...p.resources.add, resource('new-one')] } }),
      ],
      [
        '{"more":1}',
        (p) => ({ ...p, resources: { ...p.resources, add: [...p.resources.add, resource('a', { more: 1 })] } }),
      ],
      [
        'resource gateway-policy a (of account another)',
        (p) => ({
          ...p,
          resources: {
            ...p.resources,
            add: [...p.resources.add, { ...resource('a'), resource_account_id: 'another' }],
          },
        }),
      ],
    ];
    const moreInPlace: typeof more = [
      ...more,
      [
        'remove recipient new-one',
        (p) => ({ ...p, recipients: { ...p.recipients, remove: [...p.recipients.remove, there('new-one')] } }),
      ],
      [
        'remove resource gateway-policy new-one',
        (p) => ({ ...p, resources: { ...p.resources, remove: [...p.resources.remove, shared('new-one')] } }),
      ],
      [
        'update resource gateway-policy a with meta {"more":1}',
        (p) => ({
          ...p,
          resources: {
            ...p.resources,
            update: [...p.resources.update, { ...shared('a'), meta: { more: 1 }, previous_meta: {} }],
          },
        }),
      ],
      [
        'remove exclusion of account new-one',
        (p) => ({
          ...p,
          exclusions: exclusions({ ...p.exclusions, remove: [{ id: 'e', account_id: 'new-one' }] }),
        }),
      ],
      ['from "Unseen" to', (p) => ({ ...p, rename: { from: 'Unseen', to: p.name } })],
    ];
    const mutated = planArb
      .filter(({ action }) => action === 'create' || action === 'replace' || action === 'update')
      .chain((plan) =>
        fc.tuple(fc.constant(plan), fc.constantFrom(...(plan.action === 'update' ? moreInPlace : more))),
      );
    fc.assert(
      fc.property(mutated, ([plan, [name, mutate]]) => {
        const found = beyond([mutate(plan)], [plan], () => leastBefore(plan));
        expect(found).toHaveLength(1);
        expect(found[0]).toContain(name);
      }),
      { numRuns: 1000 },
    );
  });

  test("is described with a resource's account only if it is not the owner", () => {
    const of = <T extends object>(item: T, resource_account_id: string): T => ({ ...item, resource_account_id });
    const plan = update('x', {
      resources: resources({
        add: [resource('p'), of(resource('q'), 'OWNER'), of(resource('r'), 'another')],
        update: [{ ...of(shared('s'), 'another'), meta: { a: 1 }, previous_meta: {} }],
        remove: [of(shared('t'), 'another'), shared('u')],
      }),
    });
    expect(allWords(plan).sort()).toEqual([
      'add resource gateway-policy p to share "S" (x)',
      'add resource gateway-policy q to share "S" (x)',
      'add resource gateway-policy r (of account another) to share "S" (x)',
      'remove resource gateway-policy t (of account another) from share "S" (x)',
      'remove resource gateway-policy u from share "S" (x)',
      'update resource gateway-policy s (of account another) with meta {"a":1} of share "S" (x)',
    ]);
  });

  test('does not cover the same steps on another share', () =>
    fc.assert(
      fc.property(
        planArb.filter(({ action, share_id }) => action !== 'none' && share_id !== null),
        (plan) => {
          fc.pre(reviewSteps(plan).length > 0);
          const ofAnother = { ...plan, share_id: 'another' };
          const renamed = { ...plan, name: 'Another', rename: null };
          const all = allWords(ofAnother).filter((step) => !step.includes('new share'));
          expect(words(ofAnother, plan)).toEqual(all);
          expect(words(renamed, plan)).toEqual(allWords(renamed));
        },
      ),
    ));

  test('covers nothing of an unrelated plan', () =>
    fc.assert(fc.property(planArb, (plan) => expect(words(plan, empty())).toEqual(allWords(plan)))));

  test('contains no access if it gives nobody anything', () => {
    const plans = [
      empty(),
      empty({ action: 'delete', share_id: 's', recipients: recipients({ remove: [there('a')] }) }),
      update('s', {
        recipients: recipients({ remove: [there('a')], extra: [there('b')] }),
        resources: resources({
          update: [{ ...shared('r'), meta: 1, previous_meta: 2 }],
          remove: [shared('q')],
        }),
      }),
      update('s', { exclusions: exclusions({ add: [recipient('a')] }) }),
    ];
    expect(reviewed(plans.map((plan) => proposed(plan))).access).toEqual([]);
  });

  test('contains no steps for unlisted items and shares that stay', () => {
    expect(
      reviewSteps(empty({ share_id: 'x', unlisted: true, recipients: recipients({ extra: [there('a')] }) })),
    ).toEqual([]);
  });
});

describe('a reviewed create', () => {
  test.each<[string, SharePlan]>([
    ['renaming its temporary share', update('n', { rename: { from: T, to: 'S' } })],
    [
      'adding listed items to the new share, whatever its id',
      update('n', {
        recipients: recipients({ add: [recipient('A')] }),
        resources: resources({ add: [resource('r')] }),
      }),
    ],
    ['a plan without changes', empty({ share_id: 'n' })],
    ['part of itself', create(['b'], ['q'])],
  ])('covers %s', (_, now) => expect(words(now, create())).toEqual([]));

  test.each<[string, SharePlan, string[]]>([
    [
      'a removal',
      update('n', {
        recipients: recipients({ remove: [there('a')] }),
        resources: resources({ remove: [shared('r')] }),
      }),
      ['remove recipient a from share "S" (n)', 'remove resource gateway-policy r from share "S" (n)'],
    ],
    [
      'the rename of another share',
      update('n', { rename: { from: 'Old', to: 'S' } }),
      ['rename share "S" (n) from "Old" to "S"'],
    ],
    [
      'the rename of a temporary share for another name',
      update('n', { rename: { from: temporaryName('Other', '0123456789abcdef'), to: 'S' } }),
      ['rename share "S" (n) from "Other [creating 0123456789abcdef]" to "S"'],
    ],
    [
      'creating a share with another name',
      { ...update('n', { rename: { from: temporaryName('Other', '0123456789abcdef'), to: 'Other' } }), name: 'Other' },
      ['rename share "Other" (n) from "Other [creating 0123456789abcdef]" to "Other"'],
    ],
    [
      'adding unlisted items',
      update('n', { recipients: recipients({ add: [recipient('c')] }) }),
      ['add recipient c to share "S" (n)'],
    ],
    ['its deletion', empty({ action: 'delete', share_id: 'n' }), ['delete share "S" (n)']],
    ['a replacement', { ...replace(), share_id: 'n' }, ['replace share "S" (n)']],
    [
      'another meta',
      update('n', { resources: resources({ update: [{ ...shared('q'), meta: { x: 1 }, previous_meta: {} }] }) }),
      ['update resource gateway-policy q with meta {"x":1} of share "S" (n)'],
    ],
    [
      'setting the listed meta on a share that someone else created',
      update('n', { resources: resources({ update: [{ ...shared('q'), meta: {}, previous_meta: { x: 1 } }] }) }),
      ['update resource gateway-policy q of share "S" (n)'],
    ],
    [
      'creating a share under another name',
      { ...create(), name: 'Other' },
      [
        'create share "Other"',
        'add recipient a to new share "Other"',
        'add recipient b to new share "Other"',
        'add resource gateway-policy r to new share "Other"',
        'add resource gateway-policy q to new share "Other"',
      ],
    ],
    [
      'additions to a share that now targets the organization',
      update('n', { resources: resources({ add: [resource('r')] }), exclusions: exclusions({}) }),
      ['add resource gateway-policy r to share "S" (n)'],
    ],
    [
      'additions to a share with an unreviewed recipient',
      update('n', {
        resources: resources({ add: [resource('r')] }),
        recipients: recipients({ extra: [there('evil')] }),
      }),
      [
        'add resource gateway-policy r to share "S" (n) (the reviewed plan creates the share, but it now exists with unlisted items: recipient evil)',
      ],
    ],
    [
      'additions to a share with several unreviewed items',
      update('n', {
        resources: resources({ add: [resource('r')], extra: [shared('z')] }),
        recipients: recipients({ extra: [there('evil')] }),
      }),
      [
        'add resource gateway-policy r to share "S" (n) (the reviewed plan creates the share, but it now exists with unlisted items: recipient evil, resource gateway-policy z)',
      ],
    ],
  ])('does not cover %s', (_, now, named) => expect(words(now, create())).toEqual(named));

  test.each([
    ['o1', {}, 'the whole organization'],
    ['o1', { organization_id: 'o2' }, 'organization o2'],
    ['o1', { account_id: 'o1' }, 'recipient o1'],
  ])('for organization %s does not cover recipient %j', (organization_id, item, named) => {
    const reaching = (add: SharePlan['recipients']['add']): SharePlan => ({
      ...create(),
      recipients: recipients({ add }),
      exclusions: exclusions({}),
    });
    expect(words(reaching([item]), reaching([{ organization_id }]))).toEqual([`add ${named} to new share "S"`]);
  });

  const everybody = (left: string[]): SharePlan => ({
    ...create([], ['r']),
    recipients: recipients({ add: [{}] }),
    exclusions: exclusions({ add: left.map(recipient) }),
  });
  test('covers setting its exclusions, but not setting fewer of them', () => {
    const seen = everybody(['a', 'b']);
    expect(words(update('n', { exclusions: exclusions({ add: [recipient('B')] }) }), seen)).toEqual([]);
    const narrower = exclusions({ add: [recipient('B')], extra: [there('c')] });
    expect(words(update('n', { exclusions: narrower }), seen)).toEqual([]);
    expect(words(everybody(['b', 'a']), seen)).toEqual([]);
    const given = (to: string): string =>
      `give resource gateway-policy r of share "S" to account ${to}, which the reviewed plan excludes`;
    expect(words(everybody(['a']), seen)).toEqual([given('b')]);
    expect(words(everybody([]), seen)).toEqual([given('a'), given('b')]);
  });

  test('covers only the rename with if-exists: keep, which plans no exclusions', () => {
    expect(words(update('n', { rename: { from: T, to: 'S' } }), everybody(['a']))).toEqual([]);
  });
});

describe('a reviewed replace', () => {
  test.each<[string, SharePlan]>([
    ['the deletion of the old share', empty({ action: 'delete', share_id: 'OLD' })],
    ['renaming the temporary share', update('n', { rename: { from: T, to: 'S' } })],
    ['adding listed items', update('n', { resources: resources({ add: [resource('r')] }) })],
    ['creating the share once the old one is deleted', create(['a'])],
  ])('covers %s', (_, now) => expect(words(now, replace())).toEqual([]));

  test.each<[string, SharePlan, string[]]>([
    ['replacing another share', replace(['a', 'b'], 'another'), ['replace share "S" (another)']],
    [
      'additions to the share that it replaces',
      update('old', { resources: resources({ add: [resource('r')] }) }),
      ['add resource gateway-policy r to share "S" (old)'],
    ],
    ['the deletion of another share', empty({ action: 'delete', share_id: 'n' }), ['delete share "S" (n)']],
    [
      "a recipient's loss that it does not name",
      { ...replace(), recipients: recipients({ add: ['a', 'b'].map(recipient), remove: [there('c')] }) },
      ['remove recipient c from share "S" (old)'],
    ],
  ])('does not cover %s', (_, now, named) => expect(words(now, replace())).toEqual(named));
});

describe('names in another Unicode normalization', () => {
  const [nfc, nfd] = ['NFC', 'NFD'].map((form) => 'Zürich'.normalize(form)) as [string, string];
  const temporary = (name: string): string => `${name} [creating 0123456789abcdef]`;

  test.each<[string, (name: string) => SharePlan]>([
    ['a new share', (name) => ({ ...create(), name })],
    ['a replacement', (name) => ({ ...replace(), name })],
    ['an update', (name) => update('x', { name, recipients: recipients({ add: [recipient('a')] }) })],
    ['a rename', (name) => update('x', { name, rename: { from: `Old ${name}`, to: name } })],
    ['a deletion', (name) => empty({ name, action: 'delete', share_id: 'x' })],
  ])('are the same in a reviewed plan: %s', (_, plan) => expect(words(plan(nfd), plan(nfc))).toEqual([]));

  test('are the same for the temporary share of a reviewed creation', () => {
    const now = update('n', { name: nfc, rename: { from: temporary(nfd), to: nfc } });
    expect(words(now, { ...create(), name: nfd })).toEqual([]);
  });
});

describe('a reviewed update', () => {
  test('covers its remaining steps once the share has its new name', () => {
    const seen = update('x', { rename: { from: 'Old', to: 'S' }, recipients: recipients({ add: [recipient('a')] }) });
    expect(words(update('x', { recipients: seen.recipients }), seen)).toEqual([]);
    expect(words(update('x', { rename: { from: 'Older', to: 'S' } }), seen)).toEqual([
      'rename share "S" (x) from "Older" to "S"',
    ]);
  });

  test('covers neither creating the share again nor reverting a step', () => {
    const seen = update('x', { recipients: recipients({ add: [recipient('a')], remove: [there('b')] }) });
    expect(words(create(['a'], []), seen)).toEqual(['create share "S"', 'add recipient a to new share "S"']);
    expect(
      words(update('x', { recipients: recipients({ add: [recipient('b')], remove: [there('a')] }) }), seen),
    ).toEqual(['add recipient b to share "S" (x)', 'remove recipient a from share "S" (x)']);
  });
});

test('an additional exclusion is reported as unreviewed', () => {
  const more = (...left: string[]): SharePlan => update('x', { exclusions: exclusions({ add: left.map(recipient) }) });
  expect(words(more('a', 'b'), more('a'))).toEqual(['add exclusion of account b to share "S" (x)']);
});

test('a meta of 80 characters is shown in full in messages', () => {
  const meta = { text: 'x'.repeat(80 - '{"text":""}'.length) };
  const [named] = words(update('x', { resources: resources({ add: [resource('r', meta)] }) }), empty());
  expect(named).toContain(` with meta ${JSON.stringify(meta)} to share`);
});

test('a longer meta is shortened in messages, but its full text identifies the step', () => {
  const long = (end: string): SharePlan =>
    update('x', { resources: resources({ add: [resource('r', { text: `${'x'.repeat(200)}${end}` })] }) });
  const [named] = words(long('1'), long('2'));
  expect(named).toMatch(/… to share "S" \(x\)$/);
  expect(named?.length).toBeLessThan(200);
});

test('a digest replaces exclusions only if resources are replaced as well', () => {
  const access = {
    name: 'S',
    share_id: null,
    audience: { organization: 'o', except: ['a'] },
    resources: [shared('r')].map(({ id: _, ...rest }) => rest),
  };
  const digest = { digest: expect.any(String) };
  expect(withDigests(access, 'recipients')).toEqual(access);
  expect(withDigests(access, 'everything')).toEqual({ ...access, audience: digest, resources: digest });
});

// A later version can apply a plan that an earlier one posted. Changing these keys changes their digests, so change
// REVIEW_VERSION in src/review/marker.ts as well.
test('the step keys of review version 2 never change', () => {
  const made = '["create","S","organization"]';
  const whole = {
    recipients: recipients({ add: [{}, { organization_id: 'O' }] }),
    resources: resources({ add: [resource('R', { b: 1, a: 2 })] }),
    exclusions: exclusions({ add: [recipient('A')] }),
  };
  const items = [
    '["organization",""]',
    '["organization","o"]',
    '["resource","gateway-policy","r","owner","{\\"a\\":2,\\"b\\":1}"]',
    '["excluded","a"]',
  ].map((key) => ({ key: `["new","S","organization",${key}]`, allows: [] }));
  const keysOf = (plan: SharePlan) => reviewSteps(plan).map(({ change: _, ...keys }) => keys);
  expect(REVIEW_VERSION).toBe(2);
  expect(keysOf(empty({ action: 'delete', share_id: 'X' }))).toEqual([{ key: '["delete","x","S"]', allows: [] }]);
  expect(keysOf(empty({ action: 'create', ...whole }))).toEqual([{ key: made, allows: ['["making","S"]'] }, ...items]);
  expect(keysOf(empty({ action: 'replace', share_id: 'X', ...whole }))).toEqual([
    {
      key: `["replace","x","S",${JSON.stringify(made)}]`,
      allows: [made, '["making","S"]', '["delete","x","S"]'],
    },
    ...items,
  ]);
  expect(
    keysOf(
      update('X', {
        rename: { from: T, to: 'S' },
        recipients: recipients({ add: [recipient('A')], remove: [there('B')] }),
        resources: resources({ update: [{ ...shared('Q'), meta: {}, previous_meta: 1 }], remove: [shared('P')] }),
      }),
    ),
  ).toEqual([
    { key: `["rename","x","${T}","S"]`, keyAsNew: '["making","S"]', allows: [] },
    { key: '["add","x","S",["account","a"]]', keyAsNew: '["new","S","account",["account","a"]]', allows: [] },
    { key: '["update","x","S",["resource","gateway-policy","q","owner","{}"]]', allows: [] },
    { key: '["remove","x","S",["account","b"]]', allows: [] },
    { key: '["remove","x","S",["resource","gateway-policy","p","owner"]]', allows: [] },
  ]);
  const add = resources({ add: [resource('R')] });
  const changed = exclusions({ add: [recipient('A')], remove: [{ id: 'e', account_id: 'B' }] });
  expect(keysOf(update('X', { resources: add, exclusions: changed }))).toEqual([
    {
      key: '["add","x","S",["resource","gateway-policy","r","owner","{}"]]',
      keyAsNew: '["new","S","organization",["resource","gateway-policy","r","owner","{}"]]',
      allows: [],
    },
    {
      key: '["add","x","S",["excluded","a"]]',
      keyAsNew: '["new","S","organization",["excluded","a"]]',
      allows: [],
    },
    { key: '["remove","x","S",["excluded","b"]]', allows: [] },
  ]);
  expect(digestOf('x')).toBe('LXEWQrcmsEQBYnyp+6wy9c');
});
