// A model-based property: whatever is wished one after the other, whatever drifts behind the action's back, whatever
// fails and however many runs there are at once, the invariants hold after each step.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { faultKinds } from '../../simulator/faults.ts';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { type Ran, runAction } from '../run-action.ts';
import { inputsFor, runInProcess } from './hasty.ts';

const NAME = 'Model';

let sim: Simulator;
let steps = 0;
beforeAll(async () => {
  sim = await startSimulator({ associationMs: 5, rateLimit: { quota: 1_000_000, windowSeconds: 300 } });
});
afterAll(async () => {
  await sim.close();
  console.log(`model: ${steps} steps`);
});

const MEMBERS = [0, 1, 2, 3, 4];
const RESOURCES = ['r1', 'r2', 'r3', 'r4'];

const drift = fc.oneof(
  fc.record({ kind: fc.constant('add recipient' as const), which: fc.constantFrom(...MEMBERS, 7) }),
  fc.record({ kind: fc.constant('remove recipient' as const), which: fc.constantFrom(...MEMBERS) }),
  fc.record({ kind: fc.constant('add resource' as const), which: fc.constantFrom(...RESOURCES, 'r9') }),
);
const step = fc.record({
  recipients: fc.subarray(MEMBERS, { minLength: 1 }),
  resources: fc.subarray(RESOURCES, { minLength: 1 }),
  meta: fc.constantFrom({}, { a: 1 }),
  organization: fc.boolean().chain((b) => (b ? fc.constantFrom(true, false, false) : fc.constant(false))),
  prune: fc.boolean(),
  drifts: fc.array(drift, { maxLength: 2 }),
  faults: fc.array(fc.record({ kind: fc.constantFrom(...faultKinds), skip: fc.nat({ max: 4 }) }), { maxLength: 2 }),
  atOnce: fc.constantFrom(1, 1, 2, 3),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const account = (index: number): string => sim.memberIds[index] as string;

/** What is there now, or nothing. */
function now(): { id: string; target: string; recipients: Set<string>; resources: Set<string> } | undefined {
  const live = sim.liveShares(NAME);
  expect(live.length).toBeLessThanOrEqual(1);
  const [share] = live;
  if (!share) return undefined;
  const recipients = share.recipients
    .filter((r) => !r.association_status.startsWith('disassociat'))
    .map((r) => r.account_id);
  return {
    id: share.id,
    target: share.target_type,
    recipients: new Set(share.target_type === 'account' ? recipients : []),
    resources: new Set(share.resources.filter((r) => r.status === 'active').map((r) => r.resource_id)),
  };
}

/** Somebody changes the share by hand. */
async function carryOut({ kind, which }: Step['drifts'][number]): Promise<void> {
  const share = sim.liveShares(NAME)[0];
  if (!share) return;
  const call = (method: string, path: string, body?: object): Promise<unknown> =>
    fetch(`${sim.baseUrl}/accounts/${sim.accountId}/shares/${share.id}/${path}`, {
      method,
      headers: { authorization: `Bearer ${sim.credentials.apiToken}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  if (kind === 'add resource') {
    await call('POST', 'resources', {
      resource_type: 'gateway-policy',
      resource_id: which,
      resource_account_id: sim.accountId,
      meta: {},
    });
  } else if (kind === 'add recipient') await call('POST', 'recipients', { account_id: account(which) });
  else {
    const record = share.recipients.find((r) => r.account_id === account(which));
    if (record && share.recipients.length > 1) await call('DELETE', `recipients/${record.id}`);
  }
}

const union = <T>(a: Iterable<T>, b: Iterable<T>): Set<T> => new Set([...a, ...b]);

test('sequences of wishes, drift, faults and runs at once keep the invariants', () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (sequence) => {
      sim.reset();
      for (const { recipients, resources, meta, organization, prune, drifts, faults, atOnce } of sequence) {
        steps += 1;
        for (const each of drifts) await carryOut(each);
        const before = now();
        const wishedRecipients = organization ? [] : recipients.map(account);
        const inputs = inputsFor(sim, {
          'share-name': NAME,
          recipients: organization ? '[{}]' : wishedRecipients.map((account_id) => ({ account_id })),
          resources: resources.map((resource_id) => ({ resource_type: 'gateway-policy', resource_id, meta })),
          prune: String(prune),
          replace: 'true',
          'request-timeout': '0.3',
          'max-attempts': '4',
        });
        for (const fault of faults)
          sim.order({ ...fault, delayMs: /late/.test(fault.kind) ? 400 : 0, retryAfterSeconds: 0 });
        // Runs at once are processes, and fast enough only without faults that make them wait.
        const runs: Ran[] =
          atOnce > 1 && faults.length === 0
            ? await Promise.all(Array.from({ length: atOnce }, () => runAction(inputs)))
            : [await runInProcess(inputs)];
        await new Promise((resolve) =>
          setTimeout(resolve, faults.some(({ kind }) => kind === 'late-commit') ? 450 : 0),
        );
        sim.clearFaults();

        const after = sim.liveShares(NAME).length > 1 ? undefined : now();
        const target = organization ? 'organization' : 'account';
        const replacing = before !== undefined && before.target !== target;
        for (const ran of runs) if (ran.exitCode === 0) expect(ran.outputs['share-id']).toBe(after?.id);
        if (before) expect(sim.liveShares(NAME).length).toBeGreaterThanOrEqual(1);
        for (const share of sim.liveShares(NAME)) expect([target, before?.target]).toContain(share.target_type);
        if (runs.every(({ exitCode }) => exitCode === 0)) {
          const kept = before && !replacing && !prune ? before : { recipients: [], resources: [] };
          expect(after?.target).toBe(target);
          expect(after?.recipients).toEqual(union(kept.recipients, wishedRecipients));
          expect(after?.resources).toEqual(union(kept.resources, resources));
        } else {
          // Red: whoever was there and is wished (or nobody asked to remove) is there still.
          expect(faults.length + Number(replacing)).toBeGreaterThan(0);
          if (before && after && before.id === after.id) {
            const stay = [...before.recipients].filter((r) => !prune || wishedRecipients.includes(r));
            for (const r of stay) expect(after.recipients.has(r)).toBe(true);
          }
        }
        // A replacement cut short leaves two of the name, which the next run must not choose between.
        if (sim.liveShares(NAME).length > 1) {
          expect(replacing).toBe(true);
          return;
        }
        await runInProcess(inputs);
        sim.requests.length = 0;
        const again = await runInProcess(inputs);
        expect(again.errors).toEqual([]);
        expect(again.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' });
        expect(sim.requests.map(({ method }) => method)).toEqual(['GET', 'GET']);
      }
    }),
    { numRuns: 25, endOnFailure: true },
  ));
