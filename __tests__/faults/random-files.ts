// Random shares files, and random manual changes of the shares.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Simulator } from '../../simulator/index.ts';

export const NAMES = ['Alpha', 'Beta'] as const;
/** A share that no file lists. */
export const STRANGER = 'Stranger';
export const previousNameOf = (name: string): string => `Old ${name}`;

const MEMBERS = [0, 1, 2, 3, 4];
const RESOURCES = ['policy-1', 'policy-2', 'policy-3'];
const outsider = 7;
const unknownResource = 'policy-9';

const present = fc.record({
  state: fc.constant('present' as const),
  recipients: fc.subarray(MEMBERS, { minLength: 1 }),
  organization: fc.constantFrom(false, false, true),
  exclude: fc.option(fc.subarray(MEMBERS, { maxLength: 3 }), { nil: undefined }),
  resources: fc.subarray(RESOURCES, { minLength: 1 }),
  meta: fc.constantFrom({}, { a: 1 }),
  hadPreviousName: fc.boolean(),
});
const wanted = fc.oneof(
  { weight: 6, arbitrary: present },
  { weight: 1, arbitrary: fc.constant({ state: 'absent' as const }) },
  { weight: 2, arbitrary: fc.constant({ state: 'unlisted' as const }) },
);

/** A file and the step's other inputs. */
export const file = fc.record({
  shares: fc.tuple(wanted, wanted),
  complete: fc.constantFrom(false, false, true),
  prune: fc.boolean(),
});
type Of<T> = T extends fc.Arbitrary<infer V> ? V : never;
export type Wanted = Of<typeof wanted>;
export type Present = Of<typeof present>;
export type File = Of<typeof file>;

/** The shares in the file by name. A file has at least one share, so the first is listed if no other is. */
export function listed({ shares }: File): [name: string, wanted: Exclude<Wanted, { state: 'unlisted' }>][] {
  const all = NAMES.flatMap((name, i) => {
    const one = shares[i];
    return one && one.state !== 'unlisted' ? [[name, one] as [string, typeof one]] : [];
  });
  return all.length > 0 ? all : [[NAMES[0], { state: 'absent' }]];
}

const accountOf = (sim: Simulator, index: number): string => sim.memberIds[index] as string;
export const accountsOf = (sim: Simulator, indexes: readonly number[]): string[] =>
  indexes.map((i) => accountOf(sim, i));

/** Writes the file. @returns its path */
export function writeFile(sim: Simulator, folder: string, desired: File): string {
  const items = (indexes: readonly number[]): object[] =>
    accountsOf(sim, indexes).map((recipient_account_id) => ({ recipient_account_id }));
  const shares = listed(desired).map(([name, one]) =>
    one.state === 'absent'
      ? { name, state: 'absent' }
      : {
          name,
          ...(one.hadPreviousName ? { previous_name: previousNameOf(name) } : {}),
          recipients: one.organization ? [{}] : items(one.recipients),
          ...(one.organization && one.exclude ? { exclude: items(one.exclude) } : {}),
          resources: one.resources.map((resource_id) => ({
            resource_type: 'gateway-policy',
            resource_id,
            meta: one.meta,
          })),
        },
  );
  const path = join(folder, 'shares.json');
  writeFileSync(path, JSON.stringify({ complete: desired.complete, shares }));
  return path;
}

/** A change made manually or by another tool. */
export const change = fc.oneof(
  fc.record({ kind: fc.constant('add recipient' as const), which: fc.constantFrom(...MEMBERS, outsider) }),
  fc.record({ kind: fc.constant('remove recipient' as const), which: fc.constantFrom(...MEMBERS) }),
  fc.record({ kind: fc.constant('exclude' as const), which: fc.constantFrom(...MEMBERS, outsider) }),
  fc.record({ kind: fc.constant('no longer exclude' as const), which: fc.constantFrom(...MEMBERS) }),
  fc.record({ kind: fc.constant('add resource' as const), which: fc.constantFrom(...RESOURCES, unknownResource) }),
  fc.record({ kind: fc.constant('make share' as const), which: fc.constantFrom('previous', 'stranger', 'same') }),
  fc.record({ kind: fc.constant('delete share' as const), which: fc.constant(0) }),
);
export const changes = fc.array(fc.record({ name: fc.constantFrom(...NAMES), change }), { maxLength: 3 });
export type Change = Of<typeof changes>[number];

export async function carryOut(sim: Simulator, { name, change: { kind, which } }: Change): Promise<void> {
  const share = sim.liveShares(name)[0];
  const root = `${sim.baseUrl}/accounts/${sim.accountId}/shares`;
  const call = (method: string, path: string, body?: object): Promise<unknown> =>
    fetch(`${root}/${share?.id}${path}`, {
      method,
      headers: { authorization: `Bearer ${sim.credentials.apiToken}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  if (kind === 'make share') {
    const made = { previous: previousNameOf(name), stranger: STRANGER, same: name }[String(which)] ?? name;
    if (sim.liveShares(made).length > 0) return;
    sim.seed({
      name: made,
      recipients: [{ account_id: accountOf(sim, outsider) }],
      resources: [resource(sim, 'policy-1')],
    });
    return;
  }
  if (!share) return;
  const account = accountOf(sim, Number(which));
  const isAmong = (items: readonly { id: string; account_id: string }[]) =>
    items.find(({ account_id }) => account_id === account);
  switch (kind) {
    case 'add resource':
      await call('POST', '/resources', resource(sim, String(which)));
      break;
    case 'add recipient':
      await call('POST', '/recipients', { account_id: account });
      break;
    case 'remove recipient': {
      const there = share.recipients.filter((r) => !r.association_status.startsWith('disassociat'));
      const record = isAmong(there);
      if (record && there.length > 1) await call('DELETE', `/recipients/${record.id}`);
      break;
    }
    case 'exclude':
      await call('POST', '/excluded-recipients', { account_id: account });
      break;
    case 'no longer exclude': {
      const record = isAmong(share.exclusions);
      if (record) await call('DELETE', `/excluded-recipients/${record.id}`);
      break;
    }
    case 'delete share':
      await call('DELETE', '');
      break;
  }
}

const resource = (sim: Simulator, resource_id: string) => ({
  resource_type: 'gateway-policy',
  resource_id,
  resource_account_id: sim.accountId,
  meta: {},
});
