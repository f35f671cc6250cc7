import { describe, expect, test } from '@jest/globals';
import { Ledger } from '../../src/apply/ledger.ts';
import { NoUsableResponse, Refusal } from '../../src/cloudflare/errors.ts';
import type { Decision } from '../../src/share/decide.ts';
import type { Step } from '../../src/share/steps.ts';
import { desired, foundOf, plan, recipient, share } from '../share/values.ts';

const call = { method: 'PUT' as const, path: '/x', purpose: 'test' };
const lost = new NoUsableResponse(call, 'reset');
const refused = new Refusal(call, { status: 400, errors: [] });

/** Steps that differ only in their ids. */
const [a, b, c, tidy] = ['a', 'b', 'c', 'tidy'].map((shareId): Step => ({ kind: 'delete', shareId })) as [
  Step,
  Step,
  Step,
  Step,
];
const create = (shareId?: string): Step => ({ kind: 'create', name: 'Baseline', ...(shareId ? { shareId } : {}) });

const NOTHING = { done: [], notDone: [], notKnown: [] };

describe('the steps in a ledger', () => {
  test('are empty at first, like the rest of the ledger', () => {
    const ledger = new Ledger();
    expect(ledger.steps).toEqual(NOTHING);
    expect(ledger.changed).toBe(false);
    expect(ledger.created).toBe(false);
    expect(ledger.observed).toEqual({});
    expect(ledger.warnings).toEqual([]);
    expect(ledger.waitedMs).toBeUndefined();
    expect(ledger.lagged).toBe(false);
  });

  test('are not done when they are only intended', () => {
    const ledger = new Ledger();
    ledger.intend(a, b, a);
    expect(ledger.steps).toEqual({ ...NOTHING, notDone: [a, b] });
    ledger.markDone(a);
    expect(ledger.steps).toEqual({ done: [a], notDone: [b], notKnown: [] });
  });

  test('count as unknown if they may have been done, until they are confirmed', () => {
    const ledger = new Ledger();
    ledger.intend(a);
    ledger.markUnknown(a);
    expect(ledger.steps).toEqual({ ...NOTHING, notKnown: [a] });
    ledger.intend(a, b);
    expect(ledger.steps).toEqual({ ...NOTHING, notDone: [b], notKnown: [a] });
    ledger.markDone(a);
    expect(ledger.steps).toEqual({ done: [a], notDone: [b], notKnown: [] });
  });

  // Regression: such a change was both done and not done.
  test('are unknown while the latest plan repeats an accepted change', () => {
    const ledger = new Ledger();
    const add: Step = { kind: 'change', change: { op: 'add', kind: 'recipient', item: { account_id: 'a' } } };
    ledger.markDone(add);
    ledger.markDone(b);
    ledger.resolve([add, c]);
    expect(ledger.steps).toEqual({ done: [b], notDone: [c], notKnown: [add] });
    ledger.markDone(add);
    ledger.markDone(c);
    expect(ledger.steps).toEqual({ done: [add, b, c], notDone: [], notKnown: [] });
  });

  test('no longer include dropped steps', () => {
    const ledger = new Ledger();
    ledger.intend(a, b, c);
    ledger.drop(a, c);
    expect(ledger.steps).toEqual({ ...NOTHING, notDone: [b] });
  });

  test('count as done when the next plan no longer contains them', () => {
    const ledger = new Ledger();
    const [dropped, stays, took, failed, added] = ['1', '2', '3', '4', '5'].map(
      (shareId): Step => ({ kind: 'delete', shareId }),
    ) as [Step, Step, Step, Step, Step];
    ledger.intend(dropped, stays);
    ledger.markUnknown(took);
    ledger.markUnknown(failed);
    expect(ledger.changed).toBeUndefined();
    ledger.resolve([failed, stays, added]);
    expect(ledger.steps).toEqual({ done: [took], notDone: [stays, added], notKnown: [failed] });
    expect(ledger.changed).toBe(true);
  });

  test('do not count as a change if they only clean up', () => {
    const ledger = new Ledger();
    ledger.markUnknown(tidy, { forElection: true });
    expect(ledger.changed).toBeUndefined();
    ledger.resolve([]);
    expect(ledger.steps).toEqual({ ...NOTHING, done: [tidy] });
    expect(ledger.changed).toBe(false);
  });

  test('include the created id once the intended create call succeeds', () => {
    const ledger = new Ledger();
    ledger.intend(create());
    ledger.markDone(create('s1'));
    expect(ledger.steps).toEqual({ ...NOTHING, done: [create('s1')] });
  });
});

describe('a request', () => {
  test('marks its steps as done once it has succeeded', async () => {
    const ledger = new Ledger();
    const response = await ledger.take([a, b], async () => {
      expect(ledger.steps).toEqual({ ...NOTHING, notDone: [a, b] });
      return 7;
    });
    expect(response).toBe(7);
    expect(ledger.steps).toEqual({ ...NOTHING, done: [a, b] });
    expect(ledger.changed).toBe(true);
  });

  test.each<[string, unknown, Ledger['steps'], boolean | undefined]>([
    ['marks its steps as not done when it is refused', refused, { ...NOTHING, notDone: [a, b] }, false],
    ['marks its steps as not known when the response is lost', lost, { ...NOTHING, notKnown: [a, b] }, undefined],
    [
      'marks its steps as not done when it fails before it is sent',
      new Error('oops'),
      { ...NOTHING, notDone: [a, b] },
      false,
    ],
  ])('%s', async (_, error, steps, changed) => {
    const ledger = new Ledger();
    await expect(ledger.take([a, b], () => Promise.reject(error))).rejects.toBe(error);
    expect(ledger.steps).toEqual(steps);
    expect(ledger.changed).toBe(changed);
  });

  test('does not count as a change when it only cleans up', async () => {
    const ledger = new Ledger();
    await ledger.take([tidy], async () => undefined, { forElection: true });
    expect(ledger.steps.done).toEqual([tidy]);
    expect(ledger.changed).toBe(false);
  });
});

describe('the observed state', () => {
  const seen = { share: share(), recipients: [recipient('a1')] };

  test('keeps what a later observation omits', () => {
    const ledger = new Ledger();
    ledger.recordObserved(seen);
    ledger.recordObserved({ share: share({ name: 'T' }) });
    expect(ledger.observed).toEqual({ ...seen, share: share({ name: 'T' }) });
  });

  test('keeps a list that was not read again', () => {
    const ledger = new Ledger();
    ledger.recordObserved(seen);
    ledger.recordObserved({ recipients: 'not-read' });
    expect(ledger.observed).toEqual(seen);
  });

  test('drops recipients when another share is observed', () => {
    const ledger = new Ledger();
    ledger.recordObserved(seen);
    ledger.recordObserved({ share: share({ id: seen.share.id.toUpperCase() }) });
    expect(ledger.observed.recipients).toEqual(seen.recipients);
    const another = share({ id: 'another' });
    ledger.recordObserved({ share: another });
    expect(ledger.observed).toEqual({ share: another });
    expect(Object.keys(ledger.observed)).toEqual(['share']);
    ledger.recordObserved({ recipients: [recipient('a3')] });
    expect(ledger.observed).toEqual({ share: another, recipients: [recipient('a3')] });
  });
});

test('the ids of created shares do not include a share whose id is unknown', () => {
  const ledger = new Ledger();
  for (const shareId of ['s1', undefined, 's2'])
    ledger.markDone({ kind: 'create', name: 'S', ...(shareId === undefined ? {} : { shareId }) });
  expect(ledger.createdIds).toEqual(['s1', 's2']);
});

describe('the fields created and changed', () => {
  const ledgerOf = (fill: (ledger: Ledger) => void): Ledger => {
    const ledger = new Ledger();
    fill(ledger);
    return ledger;
  };
  test.each<[string, (ledger: Ledger) => void, { created: boolean; changed: boolean | undefined }]>([
    ['report a change after a step', (ledger) => ledger.markDone(a), { created: false, changed: true }],
    [
      'report nothing after a cleanup',
      (ledger) => ledger.markDone(a, { forElection: true }),
      { created: false, changed: false },
    ],
    ['report nothing while a step is only intended', (ledger) => ledger.intend(a), { created: false, changed: false }],
    [
      'report an unknown change while a step might have been done',
      (ledger) => ledger.markUnknown(a),
      { created: false, changed: undefined },
    ],
    [
      'report a change when one step is done and another one is unknown',
      (ledger) => {
        ledger.markDone(a);
        ledger.markUnknown(b);
      },
      { created: false, changed: true },
    ],
    [
      'report a creation even when another step is unknown',
      (ledger) => {
        ledger.markDone(create('s1'));
        ledger.markUnknown(b);
        ledger.recordObserved({ share: share({ id: 's1' }) });
      },
      { created: true, changed: true },
    ],
    [
      'report a creation when the run also cleaned up',
      (ledger) => {
        ledger.markDone(tidy, { forElection: true });
        ledger.markDone(create('s1'));
        ledger.recordObserved({ share: share({ id: 's1' }) });
      },
      { created: true, changed: true },
    ],
    [
      'report nothing when another share won and the run deleted its own',
      (ledger) => {
        ledger.markDone(create('s2'));
        ledger.markDone({ kind: 'delete-temporary', shareId: 's2' }, { forElection: true });
        ledger.recordObserved({ share: share({ id: 's1' }) });
      },
      { created: false, changed: false },
    ],
    [
      'report a creation only once the created share was read',
      (ledger) => ledger.markDone(create('s1')),
      { created: false, changed: true },
    ],
    [
      'report no creation when another step was done on the share',
      (ledger) => {
        ledger.markDone(a);
        ledger.recordObserved({ share: share({ id: 'a' }) });
      },
      { created: false, changed: true },
    ],
    [
      'report a change when a share was changed before it was deleted as a leftover',
      (ledger) => {
        ledger.markDone(tidy);
        ledger.markDone({ kind: 'delete-temporary', shareId: 'tidy' }, { forElection: true });
      },
      { created: false, changed: true },
    ],
    [
      'report a change when a share was created whose id is unknown',
      (ledger) => {
        ledger.markDone(create());
        ledger.markDone({ kind: 'delete-temporary', shareId: 's2' }, { forElection: true });
      },
      { created: false, changed: true },
    ],
    [
      'report a change but no creation when an interrupted replacement leaves a new share',
      (ledger) => {
        ledger.markDone(create('s2'));
        ledger.recordObserved({ share: share({ id: 's1' }) });
      },
      { created: false, changed: true },
    ],
  ])('%s', (_, fill, { created, changed }) => {
    const ledger = ledgerOf(fill);
    expect(ledger.created).toBe(created);
    expect(ledger.changed).toBe(changed);
  });
});

test('a ledger keeps the announced plan and the latest plan', () => {
  const ledger = new Ledger();
  expect([ledger.announced, ledger.latest]).toEqual([undefined, undefined]);
  const [first, last] = ['S', 'T'].map((name) => ({
    plan: plan({ name }),
    desired: desired(),
    found: foundOf({}),
    prune: false,
  })) as [Decision, Decision];
  ledger.recordPlan(first);
  expect([ledger.announced, ledger.latest]).toEqual([first, first]);
  ledger.recordPlan(last);
  expect([ledger.announced, ledger.latest]).toEqual([first, last]);
});

test('a ledger knows whether any rename is pending', () => {
  const ledger = new Ledger();
  expect(ledger.isRenamePending).toBe(false);
  ledger.recordRename('a', { from: 'S', to: 'T', pending: true });
  ledger.recordRename('b', { from: 'S', to: 'T', pending: false });
  expect(ledger.isRenamePending).toBe(true);
  ledger.recordRename('A', { from: 'S', to: 'T', pending: false });
  expect(ledger.isRenamePending).toBe(false);
  expect(ledger.renameOf('B')).toEqual({ from: 'S', to: 'T', pending: false });
});

test('a ledger knows which shares no longer exist, whatever the case of their ids', () => {
  const ledger = new Ledger();
  expect(ledger.isGone('a')).toBe(false);
  ledger.recordGone('a');
  expect(['a', 'A', 'b'].map((id) => ledger.isGone(id))).toEqual([true, true, false]);
});
