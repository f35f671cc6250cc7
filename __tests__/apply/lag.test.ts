// Which reads are repeated because Cloudflare may not show an accepted change yet. mending.test.ts has whole runs.

import { describe, expect, test } from '@jest/globals';
import type { Context } from '../../src/apply/context.ts';
import { findListed, lagPauses, untilShown } from '../../src/apply/lag.ts';
import { Ledger } from '../../src/apply/ledger.ts';
import type { Decision } from '../../src/share/decide.ts';
import type { PlanItem, SharePlan } from '../../src/share/plan.ts';
import { desired, desiredResource, foundOf, plan, share } from '../share/values.ts';

test.each([
  [249, []],
  [6_000, [250, 500, 1_000, 2_000, 2_000]],
  [7_750, [250, 500, 1_000, 2_000, 2_000, 2_000]],
])('pauses take at most %d ms in all', (mostMs, pauses) => {
  expect([...lagPauses(mostMs)]).toEqual(pauses);
});

test.each([
  ['at once', 1, []],
  ['by the third read', 3, [250, 500]],
  ['by the last read', 6, [250, 500, 1_000, 2_000, 2_000]],
  ['never', 7, [250, 500, 1_000, 2_000, 2_000]],
])('the pauses before a listed share is found %s', async (when, found, pauses) => {
  const waits: number[] = [];
  let reads = 0;
  const api = {
    find: async () => (++reads >= found ? share() : undefined),
    client: { pause: async (ms: number) => void waits.push(ms) },
  };
  const listed = await findListed({ api } as unknown as Context, 's1');
  expect(listed).toEqual(when === 'never' ? undefined : share());
  expect(waits).toEqual(pauses);
});

describe('a plan that adds a resource', () => {
  const item = desiredResource('c2');
  const add: PlanItem = { op: 'add', kind: 'resource', item };
  const adding = (parts: Partial<SharePlan>): Decision => ({
    plan: plan({ resources: { add: [item], update: [], remove: [], extra: [] }, ...parts }),
    desired: desired(),
    found: foundOf({}),
    prune: false,
  });
  /** Cloudflare has accepted the resource for share s1. */
  const accepted = (): Ledger => {
    const ledger = new Ledger();
    ledger.recordObserved({ share: share() });
    ledger.markDone({ kind: 'change', change: add });
    return ledger;
  };
  const reads = async (ledger: Ledger, decision: Decision): Promise<number> => {
    let count = 0;
    const context = { api: { client: { pause: async () => undefined } }, ledger, log: { say: () => undefined } };
    const result = await untilShown(context as unknown as Context, decision, async (current) => {
      count += 1;
      return current;
    });
    expect(result).toBe(decision);
    return count;
  };

  test('to the share that has accepted it is read again, and then fails', async () => {
    await expect(reads(accepted(), adding({ action: 'update' }))).rejects.toThrow("but share s1 doesn't show it");
  });

  test('to another share is applied at once', async () => {
    const ledger = accepted();
    ledger.recordObserved({ share: share({ id: 's2' }) });
    expect(await reads(ledger, adding({ action: 'update', share_id: 's2' }))).toBe(0);
  });

  test('that the create call already sent is read again, but a changed meta is applied at once', async () => {
    const created = (): Ledger => {
      const ledger = new Ledger();
      ledger.recordObserved({ share: share() });
      ledger.markDone({ kind: 'create', name: 'S', shareId: 's1' });
      return ledger;
    };
    expect(await reads(created(), adding({ action: 'update' }))).toBeGreaterThan(0);
    const meta = { update: [{ ...item, id: 'r1', meta: {}, previous_meta: {} }], add: [], remove: [], extra: [] };
    expect(await reads(created(), adding({ action: 'update', resources: meta }))).toBe(0);
  });

  test('and creates a share is applied at once', async () => {
    expect(await reads(accepted(), adding({ action: 'create', share_id: null }))).toBe(0);
  });
});
