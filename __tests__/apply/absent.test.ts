// Shares that are to be gone, that have another name now, and that a complete file does not list.

import { afterEach, describe, expect, test } from '@jest/globals';
import type { DesiredShare } from '../../src/share/desired.ts';
import { forgetArrivals } from '../faults/arrivals.ts';
import { useSimulator } from '../use-simulator.ts';
import {
  bringAbout,
  bringAllAbout,
  type Desired,
  desiredShare,
  elsewhere,
  liveIds,
  messages,
  secondsAgo,
  sent,
  temporary,
  told,
  written,
} from './bring-about.ts';

const sim = await useSimulator({ associationMs: 5, rateLimit: { quota: 1_000_000, windowSeconds: 300 } });
afterEach(() => void forgetArrivals(sim));

const ours = () => desiredShare(sim).resources ?? [];
const statusOf = (id: string): string | undefined => sim.shares().find((share) => share.id === id)?.status;

/** A share that is to be gone, as the inputs read it. */
const gone = (desired: Partial<DesiredShare> = {}): DesiredShare => ({
  name: 'Baseline',
  accountId: sim.accountId,
  state: 'absent',
  placeOf: (path) => ({ label: path.join('.') }),
  ...desired,
});

describe('a share that is to be gone', () => {
  test('is deleted in three requests: whoever loses it is read first', async () => {
    const share = sim.seed({ name: 'Baseline' });
    sim.setAssociation(60_000);
    const outcome = await bringAbout(sim, gone());
    expect(outcome).toMatchObject({
      problems: [],
      outcome: 'deleted',
      changed: true,
      share: { id: share.id, status: 'deleting' },
    });
    expect(told(outcome)).toEqual({ done: [`delete share ${share.id}`], notDone: [], notKnown: [] });
    expect(sent(sim)).toEqual(['GET ', 'GET /*/recipients', 'DELETE /*']);
  });

  test.each([
    'reset-after-commit',
    'conflict-when-repeated',
    'null-result',
    'empty-success',
    'json-5xx-before-commit',
    'late-answer',
  ] as const)('is gone when the request meets %s', async (kind) => {
    const share = sim.seed({ name: 'Baseline' });
    sim.order({ kind, method: 'DELETE', ...(kind === 'late-answer' ? { delayMs: 1_500 } : {}) });
    const outcome = await bringAbout(sim, gone(), { requestTimeoutMs: 500 });
    expect(outcome).toMatchObject({ problems: [], outcome: 'deleted', changed: true });
    expect(statusOf(share.id)).not.toBe('active');
  });

  test('is reported as the API reports it: deleted already', async () => {
    const share = sim.seed({ name: 'Baseline' });
    sim.setAssociation(0);
    const outcome = await bringAbout(sim, gone());
    expect(outcome.share).toMatchObject({ id: share.id, status: 'deleted' });
  });

  test('is fine when it is not there, and nothing else is touched', async () => {
    const other = sim.seed({ name: 'Other' });
    const outcome = await bringAbout(sim, gone());
    expect(outcome).toMatchObject({ problems: [], outcome: 'unchanged', changed: false });
    expect(outcome.lines.join()).toContain('nothing to delete');
    expect(sent(sim)).toEqual(['GET ']);
    expect(liveIds(sim)).toEqual([other.id]);
  });

  test('takes the temporary ones of its name along: none of them appears later', async () => {
    const share = sim.seed({ name: 'Baseline' });
    const left = [
      sim.seed({ name: temporary(), created: secondsAgo(5) }),
      sim.seed({ name: temporary('Baseline', 'third00000000'), recipients: [{}] }),
    ];
    const other = sim.seed({ name: temporary('Other') });
    const outcome = await bringAbout(sim, gone());
    expect(outcome).toMatchObject({ problems: [], outcome: 'deleted' });
    expect(liveIds(sim)).toEqual([other.id]);
    expect(told(outcome).done).toEqual([share, ...left].map(({ id }) => expect.stringContaining(id)));
  });

  test('leaves the temporary ones when it is held to a reviewed plan, which does not have them', async () => {
    sim.seed({ name: 'Baseline' });
    const left = sim.seed({ name: temporary(), created: secondsAgo(500) });
    const outcome = await bringAbout(sim, gone(), { objectionTo: () => undefined });
    expect(outcome).toMatchObject({ problems: [], outcome: 'deleted', steps: { notDone: [] } });
    expect(liveIds(sim)).toEqual([left.id]);
  });

  test('is deleted when a killed run left nothing but temporary ones', async () => {
    sim.seed({ name: temporary(), created: secondsAgo(5) });
    sim.seed({ name: temporary('Baseline', 'third00000000') });
    expect(await bringAbout(sim, gone())).toMatchObject({ problems: [], outcome: 'deleted' });
    expect(liveIds(sim)).toEqual([]);
  });

  test('is looked for with if-exists: create-new as well', async () => {
    const { id } = sim.seed({ name: 'Baseline' });
    const outcome = await bringAbout(sim, gone(), { policy: { ifExists: 'create-new' } });
    expect(outcome).toMatchObject({ problems: [], outcome: 'deleted' });
    expect(statusOf(id)).not.toBe('active');
  });

  test('is refused when several have the name, and nothing is deleted', async () => {
    const ids = [sim.seed({ name: 'Baseline' }), sim.seed({ name: 'Baseline' })].map(({ id }) => id);
    const outcome = await bringAbout(sim, gone());
    expect(messages(outcome)).toEqual([expect.stringMatching(`${ids[0]}.*${ids[1]}`)]);
    expect(sent(sim)).toEqual(['GET ']);
  });

  test('by id is that one of several, and no other', async () => {
    const [one, two] = [sim.seed({ name: 'Baseline' }), sim.seed({ name: 'Baseline' })];
    expect(await bringAbout(sim, gone({ name: '', shareId: one.id }))).toMatchObject({
      problems: [],
      outcome: 'deleted',
      name: 'Baseline',
    });
    expect(liveIds(sim)).toEqual([two.id]);
    expect(sent(sim)).toEqual(['GET /*', 'GET /*/recipients', 'DELETE /*']);
  });

  test('by id and another name is refused', async () => {
    const share = sim.seed({ name: 'Other' });
    expect(messages(await bringAbout(sim, gone({ shareId: share.id })))).toEqual([expect.stringContaining('"Other"')]);
    expect(written(sim)).toEqual([]);
  });

  test('by an id that is nobody’s is gone already', async () => {
    const outcome = await bringAbout(sim, gone({ name: '', shareId: '0'.repeat(32) }), { policy: { waitMs: 10_000 } });
    expect(outcome).toMatchObject({ problems: [], outcome: 'unchanged' });
  });

  test('is only planned in mode: plan', async () => {
    sim.seed({ name: 'Baseline' });
    const outcome = await bringAbout(sim, gone(), { policy: { mode: 'plan', waitMs: 10_000 } });
    expect(outcome).toMatchObject({ outcome: 'planned', changed: true, plan: { action: 'delete' } });
    expect(sent(sim)).toEqual(['GET ', 'GET /*/recipients']);
  });

  test('that cannot be deleted is not said to be', async () => {
    sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'redirect', method: 'DELETE' });
    const outcome = await bringAbout(sim, gone());
    expect(messages(outcome)).toHaveLength(1);
    expect(outcome).toMatchObject({
      changed: false,
      share: { status: 'active' },
      steps: { done: [], notDone: [expect.objectContaining({ kind: 'delete' })] },
    });
  });

  test('that cannot be deleted leaves its temporary ones, and says so', async () => {
    const share = sim.seed({ name: 'Baseline' });
    const left = sim.seed({ name: temporary(), created: secondsAgo(5) });
    sim.order({ kind: 'redirect', method: 'DELETE' });
    const { steps } = await bringAbout(sim, gone());
    expect(steps.notDone.map((step) => 'shareId' in step && step.shareId)).toEqual([share.id, left.id]);
  });

  test('is gone when the repeated deletion is refused with 400', async () => {
    sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'conflict-when-repeated', method: 'DELETE', status: 400 });
    expect(await bringAbout(sim, gone())).toMatchObject({ problems: [], outcome: 'deleted', changed: true });
  });

  test('that is not found any more is gone', async () => {
    sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'json-5xx-before-commit', status: 404, method: 'DELETE' });
    const outcome = await bringAbout(sim, gone());
    expect(outcome).toMatchObject({ problems: [], outcome: 'deleted', share: { status: 'deleted' } });
  });

  test.each(['GET', 'DELETE'] as const)(
    'is not gone when another server than the API answers 404 to %s',
    async (method) => {
      const { id } = sim.seed({ name: 'Baseline' });
      sim.order({ kind: 'html-5xx-before-commit', status: 404, method, path: `/shares/${id}$`, times: 9 });
      const outcome = await bringAbout(sim, gone({ shareId: id }), { policy: { waitMs: 1_000 } });
      expect(messages(outcome)).toEqual([expect.stringMatching(/HTTP 404: a web page.*check api-base-url/)]);
      expect(outcome.outcome).toBeUndefined();
      expect(liveIds(sim)).toEqual([id]);
    },
  );

  test('whose deletion is refused with a conflict although it is live is not said to be gone', async () => {
    const share = sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'json-5xx-before-commit', status: 409, method: 'DELETE', times: 99 });
    const outcome = await bringAbout(sim, gone());
    expect(messages(outcome)).toEqual([expect.stringContaining('HTTP 409')]);
    expect(outcome).toMatchObject({ changed: false, share: { status: 'active' } });
    expect(statusOf(share.id)).toBe('active');
  });

  test('of unknown fate is said to be so: the look after the refusal failed', async () => {
    const share = sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'conflict-when-repeated', method: 'DELETE' });
    sim.order({ kind: 'reset-before-commit', method: 'GET', path: `${share.id}$`, times: 9 });
    const outcome = await bringAbout(sim, gone(), { maxAttempts: 2 });
    expect(messages(outcome)).toHaveLength(1);
    expect(outcome).toMatchObject({
      changed: undefined,
      steps: { notKnown: [{ kind: 'delete', shareId: share.id }], notDone: [] },
    });
  });

  describe('with wait', () => {
    const policy = { waitMs: 60_000 };

    test('is waited for until it is deleted', async () => {
      const share = sim.seed({ name: 'Baseline' });
      sim.setAssociation(300);
      const outcome = await bringAbout(sim, gone(), { policy });
      expect(outcome).toMatchObject({ problems: [], outcome: 'deleted', share: { id: share.id, status: 'deleted' } });
      expect(outcome.waitedMs).toBeGreaterThan(0);
      expect(statusOf(share.id)).toBe('deleted');
    });

    // Defect 13.
    test('and is on its way out already is waited for, with all of its name', async () => {
      sim.setAssociation(100);
      const first = sim.seed({ name: 'Baseline', status: 'deleting' });
      sim.setAssociation(500);
      const last = sim.seed({ name: 'Baseline', status: 'deleting' });
      sim.setAssociation(60_000);
      sim.seed({ name: 'Other', status: 'deleting' });
      sim.seed({ name: 'Baseline', status: 'deleting', raw: { account_id: sim.memberIds[1] } });
      const outcome = await bringAbout(sim, gone(), { policy });
      expect(outcome).toMatchObject({ problems: [], outcome: 'unchanged', changed: false });
      expect([statusOf(first.id), statusOf(last.id)]).toEqual(['deleted', 'deleted']);
      expect(written(sim)).toEqual([]);
    });

    test('by id and on its way out already is waited for', async () => {
      sim.setAssociation(300);
      const share = sim.seed({ name: 'Baseline', status: 'deleting' });
      expect(messages(await bringAbout(sim, gone({ name: '', shareId: share.id }), { policy }))).toEqual([]);
      expect(statusOf(share.id)).toBe('deleted');
    });

    test('is not waited for longer than wait-timeout', async () => {
      const share = sim.seed({ name: 'Baseline' });
      sim.setAssociation(60_000);
      const outcome = await bringAbout(sim, gone(), { policy: { waitMs: 5_000 } });
      expect(messages(outcome)).toEqual([expect.stringMatching(`wait-timeout.*${share.id} is deleting`)]);
      expect(outcome).toMatchObject({ outcome: 'deleted', changed: true, share: { status: 'deleting' } });
      expect(told(outcome).notDone).toEqual([expect.stringContaining('wait')]);
    });

    test('is not looked for among the going ones in a plan', async () => {
      sim.seed({ name: 'Baseline', status: 'deleting' });
      await bringAbout(sim, gone(), { policy: { ...policy, mode: 'plan' } });
      expect(sent(sim)).toEqual(['GET ']);
    });

    test('is not looked for among the going ones without', async () => {
      sim.seed({ name: 'Baseline', status: 'deleting' });
      expect(messages(await bringAbout(sim, gone()))).toEqual([]);
      expect(sent(sim)).toEqual(['GET ']);
    });
  });
});

describe('a previous name', () => {
  const renamed = (): DesiredShare => desiredShare(sim, { previousName: 'Before' });

  test('is changed in place, and may stay in the file', async () => {
    const share = sim.seed({ name: 'Before', resources: ours() });
    const outcome = await bringAbout(sim, renamed());
    expect(outcome).toMatchObject({
      problems: [],
      outcome: 'updated',
      changed: true,
      plan: { rename: { from: 'Before', to: 'Baseline' } },
    });
    expect(liveIds(sim, 'Baseline')).toEqual([share.id]);
    expect(written(sim)).toEqual(['PUT /*']);
    expect(await bringAbout(sim, renamed())).toMatchObject({ problems: [], outcome: 'unchanged' });
  });

  test('that cannot be changed is no election: nothing is asked after the refusal', async () => {
    sim.seed({ name: 'Before', resources: ours() });
    sim.order({ kind: 'json-5xx-before-commit', status: 403, method: 'PUT' });
    expect(messages(await bringAbout(sim, renamed()))).toHaveLength(1);
    expect(sent(sim).at(-1)).toBe('PUT /*');
  });

  test('is changed by two runs at once', async () => {
    const share = sim.seed({ name: 'Before', resources: ours() });
    sim.holdUntilLooked(2);
    const outcomes = await Promise.all([bringAbout(sim, renamed()), bringAbout(sim, renamed())]);
    expect(outcomes.flatMap(messages)).toEqual([]);
    expect(sim.liveShares().map(({ id, name }) => [id, name])).toEqual([[share.id, 'Baseline']]);
  });

  test('beside the name is an error that names both', async () => {
    const [one, two] = [sim.seed({ name: 'Before' }), sim.seed({ name: 'Baseline' })];
    const [message = ''] = messages(await bringAbout(sim, renamed()));
    for (const { id } of [one, two]) expect(message).toContain(id);
    expect(written(sim)).toEqual([]);
  });

  test('that several have is an error that names them', async () => {
    const shares = [sim.seed({ name: 'Before' }), sim.seed({ name: 'Before' })];
    const [message = ''] = messages(await bringAbout(sim, renamed()));
    for (const { id } of shares) expect(message).toContain(id);
    expect(written(sim)).toEqual([]);
  });

  test('that nobody has any more: the share is made', async () => {
    expect(await bringAbout(sim, renamed())).toMatchObject({ problems: [], outcome: 'created' });
    expect(sent(sim)).toHaveLength(4);
  });

  test('goes before what an interrupted run left, which is deleted once the name is given', async () => {
    const share = sim.seed({ name: 'Before', resources: ours() });
    sim.seed({ name: temporary(), created: secondsAgo(500) });
    expect(messages(await bringAbout(sim, renamed()))).toEqual([]);
    await bringAbout(sim, renamed());
    expect(sim.liveShares().map(({ id, name }) => [id, name])).toEqual([[share.id, 'Baseline']]);
  });

  test('is not asked for with if-exists: fail when only it is there', async () => {
    sim.seed({ name: 'Before', resources: ours() });
    expect(await bringAbout(sim, renamed(), { policy: { ifExists: 'fail' } })).toMatchObject({
      problems: [],
      outcome: 'updated',
    });
  });
});

describe('a file', () => {
  const named = (name: string, desired: Partial<Desired> = {}): Desired => desiredShare(sim, { name, ...desired });
  const outcomesOf = ({ outcomes }: Awaited<ReturnType<typeof bringAllAbout>>) =>
    outcomes.map(({ name, outcome }) => [name, outcome]);

  test('of S shares in sync takes S + 1 requests, one more for each with exclude', async () => {
    const shares = ['A', 'B', 'C'].map((name) => named(name));
    const wide = named('D', { recipients: [{}], exclude: [] });
    await bringAllAbout(sim, [...shares, wide]);
    sim.requests.length = 0;
    const again = await bringAllAbout(sim, [...shares, wide], { policy: { readAllRecipients: false } });
    expect(again.outcomes.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
    expect(sim.counts()).toEqual({ 'shares-list': 1, 'share-recipients-list': 3, 'share-excluded-recipients-list': 1 });
  });

  test('goes on when one share fails', async () => {
    const bad = named('B', { recipients: [{ recipient_account_id: sim.outsiderId }] });
    const { outcomes } = await bringAllAbout(sim, [named('A'), bad, named('C')]);
    expect(outcomes.map(({ problems }) => problems.length)).toEqual([0, 1, 0]);
    expect(
      sim
        .liveShares()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['A', 'C']);
  });

  test('whose plans are objected to is not applied, and nothing is called unchanged that is not', async () => {
    sim.seed({ name: 'In sync', resources: ours() });
    const { outcomes } = await bringAllAbout(sim, [named('A'), named('B'), named('In sync')], {
      objections: (plans) => plans.map((_, i) => (i === 0 ? [{ message: 'not reviewed' }] : [])),
    });
    expect(outcomes.map(({ outcome, problems }) => [outcome, problems.length])).toEqual([
      [undefined, 1],
      [undefined, 0],
      ['unchanged', 0],
    ]);
    expect(written(sim)).toEqual([]);
  });

  describe('that is complete', () => {
    const complete = true;

    test('names what it does not list, which costs no request and stays', async () => {
      sim.seed({ name: 'A', resources: ours() });
      const stranger = sim.seed({ name: 'Stranger' });
      for (const waitMs of [undefined, 5_000]) {
        sim.requests.length = 0;
        const run = await bringAllAbout(sim, [named('A')], {
          complete,
          policy: waitMs === undefined ? {} : { waitMs },
        });
        expect(outcomesOf(run)).toEqual([
          ['A', 'unchanged'],
          ['Stranger', 'unchanged'],
        ]);
        expect(run.outcomes[1]).toMatchObject({
          problems: [],
          changed: false,
          plan: { action: 'none', unlisted: true, share_id: stranger.id },
        });
        expect(sim.counts()['shares-list']).toBe(1);
        expect(written(sim)).toEqual([]);
      }
    });

    test('names one that it cannot read, which is drift and stays with prune too', async () => {
      sim.seed({ name: 'A', resources: ours() });
      const odd = sim.seed({ name: 'Odd', raw: { target_type: undefined } });
      const unnamed = sim.seed({ name: 'Unnamed', raw: { name: null } });
      const left = [odd, unnamed].map(({ id }) => ({ action: 'none', unlisted: true, share_id: id }));
      const warning = (id: string, wrong: string) =>
        `Cloudflare lists share ${id} in a way that this version can't read (${wrong}). It is not in the file, and it stays even with prune: check it in the dashboard`;
      const run = await bringAllAbout(sim, [named('A')], { complete, policy: { prune: true } });
      expect(run.outcomes.slice(1).map(({ plan }) => plan)).toMatchObject(left);
      expect(run.outcomes.flatMap(({ warnings }) => warnings.map(({ message }) => message))).toEqual([
        warning(odd.id, '"target_type" is missing'),
        warning(unnamed.id, '"name" is null'),
      ]);
      expect(run.outcomes.flatMap(messages)).toEqual([]);
      expect(run.lines.join('\n')).not.toContain('nothing to delete');
      expect(written(sim)).toEqual([]);
      const planned = await bringAllAbout(sim, [named('A')], {
        complete,
        policy: { prune: true, mode: 'plan', failOnDrift: true },
      });
      expect(planned.outcomes.map(({ problems }) => problems.map(({ kind }) => kind))).toEqual([
        [],
        ['drift'],
        ['drift'],
      ]);
      // A listed share that may be the odd one is refused, and nothing else is said of it.
      const listed = await bringAllAbout(sim, [named('A'), named('Odd')], { complete, policy: { prune: true } });
      expect(listed.outcomes.map(({ name, problems }) => [name, problems.length])).toEqual([
        ['A', 0],
        ['Odd', 1],
        ['', 0],
      ]);
    });

    test('deletes it with prune, last, and in mode: plan says so', async () => {
      sim.seed({ name: 'A', resources: ours() });
      const stranger = sim.seed({ name: 'Stranger' });
      const mine = named('A', {
        recipients: [
          { recipient_account_id: sim.memberIds[0] as string },
          { recipient_account_id: sim.memberIds[1] as string },
        ],
      });
      const planned = await bringAllAbout(sim, [mine, named('B')], { complete, policy: { prune: true, mode: 'plan' } });
      expect(planned.outcomes.map(({ plan, outcome }) => [plan?.name, plan?.action, outcome])).toEqual([
        ['A', 'update', 'planned'],
        ['B', 'create', 'planned'],
        ['Stranger', 'delete', 'planned'],
      ]);
      expect(written(sim)).toEqual([]);
      const run = await bringAllAbout(sim, [mine, named('B')], { complete, policy: { prune: true } });
      expect(outcomesOf(run)).toEqual([
        ['A', 'updated'],
        ['B', 'created'],
        ['Stranger', 'deleted'],
      ]);
      expect(written(sim).at(-1)).toBe('DELETE /*');
      expect(statusOf(stranger.id)).not.toBe('active');
    });

    test('deletes nothing when a share of the file failed, and says so', async () => {
      const stranger = sim.seed({ name: 'Stranger' });
      const bad = named('B', { recipients: [{ recipient_account_id: sim.outsiderId }] });
      const run = await bringAllAbout(sim, [named('A'), bad], { complete, policy: { prune: true } });
      expect(liveIds(sim)).toContain(stranger.id);
      expect(run.lines.join('\n')).toContain(
        '1 share that the file does not list stays for now: 1 share of the file failed',
      );
      expect(run.outcomes[2]).toMatchObject({ changed: false, problems: [], plan: { action: 'delete' } });
      expect(run.outcomes[2]?.outcome).toBeUndefined();
      expect(told(run.outcomes[2])).toEqual({ done: [], notDone: [`delete share ${stranger.id}`], notKnown: [] });
    });

    test('is drift, for what is not listed as for the rest', async () => {
      sim.seed({ name: 'A', resources: ours() });
      sim.seed({ name: 'Stranger' });
      for (const prune of [false, true]) {
        const run = await bringAllAbout(sim, [named('A')], {
          complete,
          policy: { mode: 'plan', failOnDrift: true, prune },
        });
        expect(run.outcomes.map(({ problems }) => problems.map(({ kind }) => kind))).toEqual([[], ['drift']]);
        const both = await bringAllAbout(sim, [named('New')], {
          complete,
          policy: { mode: 'plan', failOnDrift: true, prune },
        });
        expect(both.outcomes.map(({ outcome, problems }) => [outcome, problems.length])).toEqual([
          ['planned', 1],
          ['planned', 1],
          ['planned', 1],
        ]);
        expect(both.lines.join('\n')).not.toContain('stays for now');
      }
    });

    test('leaves other accounts’ shares, previous names, absent ones and temporary ones of its names alone', async () => {
      sim.seed({ name: 'Before', resources: ours() });
      const others = [
        sim.seed({ name: 'Theirs', raw: { account_id: sim.memberIds[1] } }),
        sim.seed({ name: temporary('A', 'young00000000'), created: secondsAgo(5) }),
        sim.seed({ name: temporary('Elsewhere', 'young00000000'), created: secondsAgo(5) }),
      ];
      const old = sim.seed({ name: temporary('Elsewhere'), created: secondsAgo(500) });
      sim.seed({ name: 'Gone' });
      sim.seed({ name: 'A', resources: ours() });
      const run = await bringAllAbout(
        sim,
        [named('A'), named('B', { previousName: 'Before' }), gone({ name: 'Gone' })],
        { complete, policy: { prune: true } },
      );
      expect(run.outcomes.flatMap(messages)).toEqual([]);
      expect(liveIds(sim)).toEqual(expect.arrayContaining(others.map(({ id }) => id)));
      expect(statusOf(old.id)).not.toBe('active');
      expect(sim.liveShares().map(({ name }) => name)).toEqual(expect.arrayContaining(['A', 'B']));
      expect(liveIds(sim, 'Gone')).toEqual([]);
    });

    test('does not delete what got a listed name meanwhile', async () => {
      const stranger = sim.seed({ name: 'Stranger' });
      sim.seed({ name: 'A', resources: ours() });
      const run = await bringAllAbout(sim, [named('A')], {
        complete,
        policy: { prune: true },
        before: (call, n) =>
          call === 'list' && n === 2 ? elsewhere(sim, 'PUT', stranger.id, { name: 'Other' }) : undefined,
      });
      expect(run.outcomes[1]?.problems).toHaveLength(1);
      expect(liveIds(sim)).toContain(stranger.id);
    });

    test('in mode: delete deletes what the file names, and nothing else', async () => {
      const stranger = sim.seed({ name: 'Stranger' });
      sim.seed({ name: 'A' });
      const run = await bringAllAbout(sim, [gone({ name: 'A' })], {
        complete,
        policy: { mode: 'delete', prune: true },
      });
      expect(outcomesOf(run)).toEqual([['A', 'deleted']]);
      expect(liveIds(sim)).toEqual([stranger.id]);
    });

    test('of which nothing can be read says so once for each share, and deletes nothing', async () => {
      sim.seed({ name: 'Stranger' });
      sim.order({ kind: 'redirect', method: 'GET', times: 99 });
      const run = await bringAllAbout(sim, [named('A'), named('B')], { complete, policy: { prune: true } });
      expect(run.outcomes.map(({ problems }) => problems.length)).toEqual([1, 1]);
      expect(written(sim)).toEqual([]);
    });
  });

  test('of many shares tells how far it is', async () => {
    const { lines } = await bringAllAbout(
      sim,
      Array.from({ length: 25 }, (_, i) => named(`Share ${i}`)),
      { policy: { mode: 'plan' } },
    );
    expect(lines).toEqual(expect.arrayContaining(['3 of 25 shares done', '24 of 25 shares done']));
    expect(sim.counts()).toEqual({ 'shares-list': 1 });
  });
});
