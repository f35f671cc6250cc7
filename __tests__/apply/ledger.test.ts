import { describe, expect, test } from '@jest/globals';
import { Ledger } from '../../src/apply/ledger.ts';
import { NoAnswer, Refusal } from '../../src/cloudflare/errors.ts';
import type { Decision } from '../../src/share/plan.ts';
import type { Step } from '../../src/share/steps.ts';
import { desired, exclusion, foundOf, plan, recipient, share } from '../share/values.ts';

const call = { method: 'PUT' as const, path: '/x', purpose: 'test' };
const lost = new NoAnswer(call, 'reset');
const refused = new Refusal(call, { status: 400, errors: [] });

/** Steps that differ in nothing but their ids. */
const [a, b, c, tidy] = ['a', 'b', 'c', 'tidy'].map((shareId): Step => ({ kind: 'delete', shareId })) as [
  Step,
  Step,
  Step,
  Step,
];
const create = (shareId?: string): Step => ({ kind: 'create', name: 'Baseline', ...(shareId ? { shareId } : {}) });

const NOTHING = { done: [], notDone: [], notKnown: [] };

describe('steps', () => {
  test('a new ledger knows of nothing', () => {
    const ledger = new Ledger();
    expect(ledger.steps).toEqual(NOTHING);
    expect(ledger.changed).toBe(false);
    expect(ledger.created).toBe(false);
    expect(ledger.observed).toEqual({});
    expect(ledger.warnings).toEqual([]);
    expect(ledger.waitedMs).toBeUndefined();
  });

  test('what is intended is not done until it is done', () => {
    const ledger = new Ledger();
    ledger.intend(a, b, a);
    expect(ledger.steps).toEqual({ ...NOTHING, notDone: [a, b] });
    ledger.did(a);
    expect(ledger.steps).toEqual({ done: [a], notDone: [b], notKnown: [] });
  });

  test('what may have been done is not known, until it is', () => {
    const ledger = new Ledger();
    ledger.intend(a);
    ledger.mayHaveDone(a);
    expect(ledger.steps).toEqual({ ...NOTHING, notKnown: [a] });
    ledger.intend(a, b);
    expect(ledger.steps).toEqual({ ...NOTHING, notDone: [b], notKnown: [a] });
    ledger.did(a);
    expect(ledger.steps).toEqual({ done: [a], notDone: [b], notKnown: [] });
  });

  test('what is not needed any more is forgotten', () => {
    const ledger = new Ledger();
    ledger.intend(a, b, c);
    ledger.drop(a, c);
    expect(ledger.steps).toEqual({ ...NOTHING, notDone: [b] });
  });

  test('a look settles what is known: what may have been done was done, unless it still lies ahead', () => {
    const ledger = new Ledger();
    const [dropped, stays, took, failed, added] = ['1', '2', '3', '4', '5'].map(
      (shareId): Step => ({ kind: 'delete', shareId }),
    ) as [Step, Step, Step, Step, Step];
    ledger.intend(dropped, stays);
    ledger.mayHaveDone(took);
    ledger.mayHaveDone(failed);
    expect(ledger.changed).toBeUndefined();
    ledger.resolve([failed, stays, added]);
    expect(ledger.steps).toEqual({ done: [took], notDone: [stays, added], notKnown: [failed] });
    expect(ledger.changed).toBe(true);
  });

  test('housekeeping that took is no change once that is known', () => {
    const ledger = new Ledger();
    ledger.mayHaveDone(tidy, { tidies: true });
    expect(ledger.changed).toBeUndefined();
    ledger.resolve([]);
    expect(ledger.steps).toEqual({ ...NOTHING, done: [tidy] });
    expect(ledger.changed).toBe(false);
  });

  test('a create call that succeeded is the step that was intended, with the new id', () => {
    const ledger = new Ledger();
    ledger.intend(create());
    ledger.did(create('s1'));
    expect(ledger.steps).toEqual({ ...NOTHING, done: [create('s1')] });
  });
});

describe('the request that takes the steps', () => {
  test('is made while they lie ahead, and its answer means that they are done', async () => {
    const ledger = new Ledger();
    const answer = await ledger.take([a, b], async () => {
      expect(ledger.steps).toEqual({ ...NOTHING, notDone: [a, b] });
      return 7;
    });
    expect(answer).toBe(7);
    expect(ledger.steps).toEqual({ ...NOTHING, done: [a, b] });
    expect(ledger.changed).toBe(true);
  });

  test.each<[string, unknown, Ledger['steps'], boolean | undefined]>([
    ['that is refused: they are not done', refused, { ...NOTHING, notDone: [a, b] }, false],
    ['of unknown fate: they are not known', lost, { ...NOTHING, notKnown: [a, b] }, undefined],
    ['that failed on this side', new Error('oops'), { ...NOTHING, notDone: [a, b] }, false],
  ])('%s', async (_, error, steps, changed) => {
    const ledger = new Ledger();
    await expect(ledger.take([a, b], () => Promise.reject(error))).rejects.toBe(error);
    expect(ledger.steps).toEqual(steps);
    expect(ledger.changed).toBe(changed);
  });

  test('changes nothing of what was asked for when it only tidies', async () => {
    const ledger = new Ledger();
    await ledger.take([tidy], async () => undefined, { tidies: true });
    expect(ledger.steps.done).toEqual([tidy]);
    expect(ledger.changed).toBe(false);
  });
});

describe('what was seen', () => {
  const seen = { share: share(), recipients: [recipient('a1')], exclusions: [exclusion('a2')] };

  test('a part that is left out stays as it was', () => {
    const ledger = new Ledger();
    ledger.saw(seen);
    ledger.saw({ share: share({ name: 'T' }) });
    expect(ledger.observed).toEqual({ ...seen, share: share({ name: 'T' }) });
  });

  test('a list that was not read stays as it was', () => {
    const ledger = new Ledger();
    ledger.saw(seen);
    ledger.saw({ recipients: 'not-read', exclusions: 'not-read' });
    expect(ledger.observed).toEqual(seen);
  });

  test('recipients and exclusions of another share are forgotten', () => {
    const ledger = new Ledger();
    ledger.saw(seen);
    ledger.saw({ share: share({ id: seen.share.id.toUpperCase() }) });
    expect(ledger.observed.recipients).toEqual(seen.recipients);
    const another = share({ id: 'another' });
    ledger.saw({ share: another });
    expect(ledger.observed).toEqual({ share: another });
    expect(Object.keys(ledger.observed)).toEqual(['share']);
    ledger.saw({ recipients: [recipient('a3')] });
    expect(ledger.observed).toEqual({ share: another, recipients: [recipient('a3')] });
  });
});

describe('did this run change anything?', () => {
  const ledgerOf = (fill: (ledger: Ledger) => void): Ledger => {
    const ledger = new Ledger();
    fill(ledger);
    return ledger;
  };
  test.each<[string, (ledger: Ledger) => void, { created: boolean; changed: boolean | undefined }]>([
    ['it did a step', (ledger) => ledger.did(a), { created: false, changed: true }],
    ['it tidied', (ledger) => ledger.did(a, { tidies: true }), { created: false, changed: false }],
    ['it intends to', (ledger) => ledger.intend(a), { created: false, changed: false }],
    ['it may have', (ledger) => ledger.mayHaveDone(a), { created: false, changed: undefined }],
    [
      'it did one step, and may have done another',
      (ledger) => {
        ledger.did(a);
        ledger.mayHaveDone(b);
      },
      { created: false, changed: true },
    ],
    [
      'it made the share that is there, and may have done more',
      (ledger) => {
        ledger.did(create('s1'));
        ledger.mayHaveDone(b);
        ledger.saw({ share: share({ id: 's1' }) });
      },
      { created: true, changed: true },
    ],
    [
      'it made the share that is there, and tidied',
      (ledger) => {
        ledger.did(tidy, { tidies: true });
        ledger.did(create('s1'));
        ledger.saw({ share: share({ id: 's1' }) });
      },
      { created: true, changed: true },
    ],
    [
      'it made a share, another one won, and its own was deleted again',
      (ledger) => {
        ledger.did(create('s2'));
        ledger.did({ kind: 'delete-temporary', shareId: 's2' }, { tidies: true });
        ledger.saw({ share: share({ id: 's1' }) });
      },
      { created: false, changed: false },
    ],
    [
      'it made a share that is left and is not the one to converge on: a replacement that was interrupted',
      (ledger) => {
        ledger.did(create('s2'));
        ledger.saw({ share: share({ id: 's1' }) });
      },
      { created: false, changed: true },
    ],
  ])('%s', (_, fill, { created, changed }) => {
    const ledger = ledgerOf(fill);
    expect(ledger.created).toBe(created);
    expect(ledger.changed).toBe(changed);
  });
});

test('the first plan is the announced one, and the last is the latest', () => {
  const ledger = new Ledger();
  expect([ledger.announced, ledger.latest]).toEqual([undefined, undefined]);
  const [first, last] = ['S', 'T'].map((name) => ({
    plan: plan({ name }),
    desired: desired(),
    found: foundOf({}),
    prune: false,
  })) as [Decision, Decision];
  ledger.planned(first);
  expect([ledger.announced, ledger.latest]).toEqual([first, first]);
  ledger.planned(last);
  expect([ledger.announced, ledger.latest]).toEqual([first, last]);
});
