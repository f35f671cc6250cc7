// Waiting, with a controlled clock: which requests are sent when, what the log says, and when waiting ends.

import { describe, expect, test } from '@jest/globals';
import type { Context } from '../../src/apply/context.ts';
import { Ledger } from '../../src/apply/ledger.ts';
import { wait, waitForAssociation, waitUntilDeleted } from '../../src/apply/wait.ts';
import type { Expected } from '../../src/share/association.ts';
import type { Decision } from '../../src/share/decide.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import { type Election, uncontested } from '../../src/share/election.ts';
import type { SharePlan } from '../../src/share/plan.ts';
import type { Policy } from '../../src/share/policy.ts';
import type { Observed, Recipient, Share, ShareResource } from '../../src/share/share.ts';
import { desired, plan, thereResource } from '../share/values.ts';

const share: Share = {
  id: 's1',
  account_id: 'owner',
  account_name: 'Owner',
  organization_id: 'o1',
  name: 'Baseline',
  status: 'active',
  target_type: 'account',
  created: '2026-01-01T00:00:00Z',
  modified: '2026-01-01T00:00:00Z',
};
const accounts = (n: number): string[] => Array.from({ length: n }, (_, i) => `account${i}`);
const recipient = (
  account_id: string,
  association_status: string,
  error?: { error: string; terminal: boolean },
): Recipient => ({
  id: `r-${account_id}`,
  account_id,
  association_status,
  created: share.created,
  modified: share.modified,
  ...(error ? { resources: [{ resource_id: 'c1', resource_version: 1, ...error }] } : {}),
});

/** What the API returns at a given time, in seconds since the wait began. */
interface World {
  recipients?: (s: number) => Recipient[];
  resources?: (s: number) => Pick<ShareResource, 'id' | 'status'>[];
  /** If false, the API returns no counts. */
  counts?: false;
  status?: (s: number) => string | undefined;
}

function waiting(world: World, waitSeconds = 300) {
  let now = 1_000_000;
  const began = now;
  const at = (): number => (now - began) / 1_000;
  const lines: { s: number; line: string }[] = [];
  const asked: { s: number; what: string }[] = [];
  const respond = <T>(what: string, of: (s: number) => T): Promise<T> => {
    asked.push({ s: at(), what });
    now += 20; // the duration of a request
    return Promise.resolve(of(at()));
  };
  const pauses: number[] = [];
  const pass = (ms: number): void => {
    pauses.push(ms);
    now += ms;
  };
  const recipients = world.recipients ?? (() => []);
  const api = {
    accountId: share.account_id,
    client: { clock: { nowMs: () => now }, pause: async (ms: number) => pass(ms) },
    recipients: (_id: string, { withErrors = false } = {}) =>
      respond(withErrors ? 'recipients with errors' : 'recipients', recipients),
    resources: () => respond('resources', (s) => world.resources?.(s) ?? []),
    counts: () =>
      respond('counts', (s) => {
        if (world.counts === false) return share;
        const of = (status: string): number => recipients(s).filter((r) => r.association_status === status).length;
        return {
          ...share,
          associating_recipient_count: of('associating'),
          associated_recipient_count: of('associated'),
          disassociating_recipient_count: of('disassociating'),
        };
      }),
    find: (id: string) =>
      respond(`share ${id}`, (s) => {
        const status = world.status?.(s);
        return status === undefined ? undefined : { ...share, id, status };
      }),
  };
  const ledger = new Ledger();
  const context = {
    policy: { waitMs: waitSeconds * 1_000 },
    api,
    ledger,
    log: { say: (line: string) => void lines.push({ s: at(), line }) },
  } as unknown as Context;
  return { context, ledger, lines, asked, pauses, seconds: at };
}

const expected = (over: Partial<Expected> = {}): Expected => ({
  accounts: [],
  toOrganization: false,
  removedResources: [],
  ...over,
});

describe('waiting for association', () => {
  test('ends as soon as all recipients are associated and records how long it took', async () => {
    const run = waiting({
      recipients: (s) => accounts(3).map((id, i) => recipient(id, s > 10 * (i + 1) ? 'associated' : 'associating')),
    });
    await waitForAssociation(run.context, share, expected({ accounts: accounts(3) }), 'not-read');
    expect(run.seconds()).toBeGreaterThan(30);
    expect(run.seconds()).toBeLessThan(42);
    expect(run.ledger.waitedMs).toBeCloseTo(run.seconds() * 1_000, 0);
    expect(run.ledger.steps.notDone).toEqual([]);
    expect(run.lines.at(-1)?.line).toBe('3 of 3 associated');
    expect(run.ledger.observed.recipients).toHaveLength(3);
    expect(new Set(run.asked.map(({ what }) => what))).toEqual(new Set(['recipients with errors']));
  });

  test('waits for accounts that the API does not list yet', async () => {
    const run = waiting({ recipients: (s) => (s > 5 ? [recipient('ACCOUNT0', 'associated')] : []) });
    await waitForAssociation(run.context, share, expected({ accounts: ['account0'] }), 'not-read');
    expect(run.seconds()).toBeGreaterThan(5);
  });

  test('waits until removed recipients and resources are gone', async () => {
    const run = waiting({
      recipients: (s) => [recipient('a', 'associated'), recipient('b', s > 4 ? 'disassociated' : 'disassociating')],
      resources: (s) => [
        { id: 'gone', status: s > 9 ? 'deleted' : 'deleting' },
        { id: 'other', status: 'deleting' },
      ],
    });
    await waitForAssociation(
      run.context,
      share,
      expected({ accounts: ['a'], removedResources: [{ id: 'gone', resource_id: 'c9' }] }),
      'not-read',
    );
    expect(run.seconds()).toBeGreaterThan(9);
    expect(run.lines.map(({ line }) => line).join()).toContain('1 of 1 associated, 2 still being removed');
  });

  test("waits until an organization's members are listed, but not if there are none", async () => {
    const late = waiting({ recipients: (s) => (s < 1 ? [] : [recipient('a', s > 5 ? 'associated' : 'associating')]) });
    await waitForAssociation(late.context, share, expected({ toOrganization: true }), 'not-read');
    expect(late.seconds()).toBeGreaterThan(5);
    for (const listed of [[], [recipient('left', 'disassociated')]]) {
      const nobody = waiting({ recipients: () => listed });
      await waitForAssociation(nobody.context, share, expected({ toOrganization: true }), 'not-read');
      expect(nobody.asked).toHaveLength(3);
    }
  });

  test('polls at increasing intervals of at most ten seconds, and once more at the end', async () => {
    const run = waiting({ recipients: () => [recipient('a', 'associating')] }, 60);
    await expect(waitForAssociation(run.context, share, expected(), 'not-read')).rejects.toMatchObject({
      kind: 'cloudflare',
    });
    expect(run.pauses.slice(0, -1)).toEqual([
      500,
      750,
      1_125,
      1_687.5,
      ...run.pauses.slice(4, 8),
      ...Array(3).fill(10_000),
    ]);
    expect(run.pauses.at(-1)).toBeLessThan(10_000);
    expect(run.seconds()).toBeCloseTo(60, 0);
  });

  test('logs an unchanged state again only after 20 seconds', async () => {
    const run = waiting({ recipients: () => [recipient('a', 'associating')] }, 60);
    await expect(waitForAssociation(run.context, share, expected(), 'not-read')).rejects.toThrow(/wait-timeout/);
    expect(run.lines.map(({ s }) => Math.floor(s / 20))).toEqual([0, 1, 2]);
  });

  test('gives up after wait-timeout and names the missing recipients', async () => {
    const run = waiting({ recipients: () => [recipient('a', 'associated'), recipient('b', 'associating')] }, 60);
    await expect(
      waitForAssociation(run.context, share, expected({ accounts: ['a', 'b', 'c'] }), 'not-read'),
    ).rejects.toThrow(/wait-timeout \(60 s\): b is associating; c is not listed/);
    expect(run.seconds()).toBeGreaterThanOrEqual(60);
    expect(run.seconds()).toBeLessThan(61);
    expect(run.ledger.steps.notDone).toEqual([{ kind: 'wait-until-associated' }]);
    expect(run.ledger.waitedMs).toBeUndefined();
  });

  test('checks once if wait-timeout is zero', async () => {
    const run = waiting({ recipients: () => [recipient('a', 'associated')] }, 0);
    await waitForAssociation(run.context, share, expected({ accounts: ['a'] }), 'not-read');
    expect(run.asked).toHaveLength(1);
  });

  test('fails at once on a terminal error and says what to do', async () => {
    const run = waiting({
      recipients: (s) => [
        recipient('a', 'associating', s > 8 ? { error: 'missing entitlement', terminal: true } : undefined),
      ],
    });
    await expect(
      waitForAssociation(run.context, share, expected({ accounts: ['a'] }), 'not-read'),
    ).rejects.toMatchObject({
      kind: 'cloudflare',
      message: expect.stringMatching(/^recipient a can't receive resource c1: missing entitlement\. .* terminal/),
    });
    expect(run.seconds()).toBeLessThan(20);
  });

  test('reports a temporary error once and continues', async () => {
    const run = waiting({
      recipients: (s) => [
        recipient('a', s > 60 ? 'associated' : 'associating', s > 60 ? undefined : { error: 'busy', terminal: false }),
      ],
    });
    await waitForAssociation(run.context, share, expected({ accounts: ['a'] }), 'not-read');
    expect(run.lines.filter(({ line }) => line.includes('busy'))).toHaveLength(1);
  });

  test('ignores errors of a resource that is being removed', async () => {
    const run = waiting({
      recipients: (s) => [
        recipient('a', s > 3 ? 'associated' : 'associating', { error: 'missing entitlement', terminal: true }),
      ],
      resources: () => [],
    });
    await waitForAssociation(
      run.context,
      share,
      expected({ accounts: ['a'], removedResources: [{ id: 'x', resource_id: 'c1' }] }),
      'not-read',
    );
    expect(run.seconds()).toBeGreaterThan(3);
  });

  test.each([3, 300])('logs its progress at least every 30 seconds (%d recipients)', async (n) => {
    const run = waiting(
      {
        recipients: (s) => accounts(n).map((id, i) => recipient(id, i < (s * n) / 500 ? 'associated' : 'associating')),
      },
      290,
    );
    await expect(
      waitForAssociation(run.context, share, expected({ accounts: accounts(n) }), 'not-read'),
    ).rejects.toThrow(/wait-timeout/);
    const told = run.lines.filter(({ line }) =>
      new RegExp(`^\\d+ of ${n} associated.* \\(waited \\d+ seconds? of at most 290\\)$`).test(line),
    );
    expect(told[0]?.s).toBeLessThan(1);
    const times = [0, ...told.map(({ s }) => s), 290];
    for (const [i, s] of times.slice(1).entries()) expect(s - (times[i] as number)).toBeLessThanOrEqual(30);
  });

  describe('with very many recipients', () => {
    const slowly = (s: number): Recipient[] =>
      accounts(400).map((id, i) => recipient(id, i < s * 3 ? 'associated' : 'associating'));

    test('reads only the counts while they change, and the recipients at the end', async () => {
      const run = waiting({ recipients: slowly });
      await waitForAssociation(run.context, share, expected({ accounts: accounts(400) }), 'not-read');
      expect(run.seconds()).toBeLessThan(150);
      const full = run.asked.filter(({ what }) => what === 'recipients with errors');
      expect(run.asked.filter(({ what }) => what === 'counts').length).toBeGreaterThan(full.length);
      const seen = run.ledger.observed.recipients as Recipient[];
      expect(seen.every((r) => r.association_status === 'associated')).toBe(true);
      expect(run.lines.at(-1)?.line).toBe('400 of 400 associated');
      expect(run.lines.map(({ line }) => line.replace(/^\d+ (of 400 associated).*$/, '$1'))).toEqual(
        run.lines.map(() => 'of 400 associated'),
      );
    });

    test.each([9, 11, 25, 47, 90])('notices a terminal error within 30 seconds (after %d s)', async (from) => {
      const run = waiting({
        recipients: (s) =>
          slowly(s).map((r, i) =>
            i === 399 && s >= from ? recipient(r.account_id, 'associating', { error: 'never', terminal: true }) : r,
          ),
      });
      await expect(
        waitForAssociation(run.context, share, expected({ accounts: accounts(400) }), 'not-read'),
      ).rejects.toThrow(/terminal/);
      expect(run.seconds() - from).toBeLessThanOrEqual(30);
    });

    test('always reads the recipients of a share with only 100', async () => {
      const run = waiting({ recipients: (s) => slowly(s).slice(0, 100) });
      await waitForAssociation(run.context, share, expected({ accounts: accounts(100) }), 'not-read');
      expect(new Set(run.asked.map(({ what }) => what))).toEqual(new Set(['recipients with errors']));
    });

    test('reads the recipients when the counts stop changing', async () => {
      const run = waiting({
        recipients: (s) => accounts(400).map((id) => recipient(id, s > 100 ? 'associated' : 'associating')),
      });
      await waitForAssociation(run.context, share, expected({ accounts: accounts(400) }), 'not-read');
      expect(run.seconds()).toBeLessThan(125);
    });

    test('always reads the recipients when the API returns no counts', async () => {
      const run = waiting({ recipients: slowly, counts: false });
      await waitForAssociation(run.context, share, expected({ accounts: accounts(400) }), 'not-read');
      expect(run.ledger.steps.notDone).toEqual([]);
    });

    test('does not end while a recipient is missing, even if the counts look complete', async () => {
      const run = waiting({ recipients: (s) => accounts(s > 50 ? 400 : 399).map((id) => recipient(id, 'associated')) });
      await waitForAssociation(run.context, share, expected({ accounts: accounts(400) }), 'not-read');
      expect(run.seconds()).toBeGreaterThan(50);
    });
  });
});

describe('waiting until a share is deleted', () => {
  test('ends when the API shows it as deleted or returns 404', async () => {
    for (const last of ['deleted', undefined]) {
      const run = waiting({ status: (s) => (s > 20 ? last : 'deleting') });
      run.ledger.recordObserved({ share });
      await waitUntilDeleted(run.context, 's1');
      expect(run.seconds()).toBeGreaterThan(20);
      expect(run.seconds()).toBeLessThan(31);
      expect(run.ledger.observed.share).toMatchObject({ name: 'Baseline', status: 'deleted' });
    }
  });

  test('does not end while the share is still live', async () => {
    const run = waiting({ status: (s) => (s > 20 ? 'deleted' : 'active') }, 60);
    await waitUntilDeleted(run.context, 's1');
    expect(run.seconds()).toBeGreaterThan(20);
  });

  test('does not affect what is known about another share', async () => {
    const run = waiting({ status: () => 'deleted' });
    run.ledger.recordObserved({ share });
    await waitUntilDeleted(run.context, 'old');
    expect(run.ledger.observed.share).toEqual(share);
  });

  test('lasts only for the rest of wait-timeout after an earlier wait', async () => {
    const run = waiting(
      { recipients: (s) => [recipient('a', s > 40 ? 'associated' : 'associating')], status: () => 'deleting' },
      60,
    );
    await waitForAssociation(run.context, share, expected({ accounts: ['a'] }), 'not-read');
    await expect(waitUntilDeleted(run.context, 'old')).rejects.toThrow(/wait-timeout \(60 s\): share old is deleting/);
    expect(run.seconds()).toBeLessThan(62);
    expect(run.ledger.steps.notDone).toEqual([{ kind: 'wait-until-deleted', shareId: 'old' }]);
  });
});

describe('the wait after a plan', () => {
  const A = { recipients: [{ account_id: 'a' }] };
  const change = { action: 'update' } as const;
  const remove = { resources: { add: [], update: [], remove: [{ ...thereResource('c9'), id: 'gone' }], extra: [] } };
  const observed = { share, recipients: [recipient('a', 'associated')], exclusions: 'not-read' } as const;
  const wide = { ...observed, share: { ...share, target_type: 'organization' } };
  const one = ['recipients with errors'];
  interface Scene {
    desired?: Partial<DesiredShare>;
    /** Null: there is no share. */
    observed?: Observed | null;
    election?: Partial<Election>;
    announced?: Partial<SharePlan>;
    policy?: Partial<Policy>;
    replaced?: string;
  }

  test.each<[string, Scene, string[]]>([
    ['does not begin without wait', { announced: change, policy: { waitMs: undefined as never } }, []],
    ['needs no request if the plan has read everything and changes nothing', {}, []],
    ['reads the recipients after a change', { announced: change }, one],
    ['reads recipients that the plan has not read', { observed: { ...observed, recipients: 'not-read' } }, one],
    ['lasts until every listed account is a recipient', { observed: { ...observed, recipients: [] } }, one],
    [
      'does not last until listed accounts are recipients of a kept share',
      { observed: { ...observed, recipients: [] }, policy: { ifExists: 'keep' } },
      [],
    ],
    [
      'lasts until listed accounts are recipients of a kept share that the run created',
      { observed: { ...observed, recipients: [] }, policy: { ifExists: 'keep' }, election: { ours: true } },
      one,
    ],
    ['expects no recipients if none are listed', { desired: { recipients: undefined as never } }, []],
    [
      'lasts until the organization has members, but at most for three reads',
      { desired: { recipients: [{}] }, observed: { ...wide, recipients: [] } },
      one,
    ],
    [
      'does not expect members of an organization in a share with accounts',
      { desired: { recipients: [] }, observed: { ...observed, recipients: [] } },
      [],
    ],
    ['lasts until removed resources are gone', { announced: { ...change, ...remove } }, [...one, 'resources']],
    ['does not include the resources of a replaced share', { announced: { action: 'replace', ...remove } }, one],
    ['includes the deletion of a replaced share', { replaced: 'old' }, ['share old']],
    [
      'lasts until all deleted shares are gone',
      { desired: { state: 'absent' }, election: { namesakes: [{ ...share, id: 's2' }] } },
      ['share s1', 'share s2'],
    ],
    ['ends at once if there is no share to delete', { desired: { state: 'absent' }, observed: null }, []],
    ['ends at once if there is no share', { observed: null }, []],
  ])('%s', async (_, scene, requests) => {
    const run = waiting({ recipients: (s) => (s > 1 ? [recipient('a', 'associated')] : []), status: () => 'deleted' });
    Object.assign(run.context.policy, { ifExists: 'update', ...scene.policy });
    run.ledger.replaced = scene.replaced;
    const winner = scene.observed === null ? undefined : (scene.observed ?? observed);
    const decision = {
      desired: desired({ ...A, ...scene.desired }),
      found: { observed: winner, election: { ...uncontested(winner?.share), ...scene.election } },
    };
    await wait(run.context, decision as Decision, plan(scene.announced));
    expect([...new Set(run.asked.map(({ what }) => what))]).toEqual(requests);
  });
});
