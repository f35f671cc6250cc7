// "Only what was reviewed", as a property: the action plans, the world (and perhaps the file) changes, requests can fail,
// and the apply has to follow the plan from a plan file or a pull request comment. No write is ever sent for a step that the
// plan doesn't contain, and nobody gains a resource that no reviewer saw.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { faultKinds, type Simulator, startSimulator } from '../../simulator/index.ts';
import type { Plan, SharePlan } from '../../src/share/plan.ts';

import { fastClock } from '../clock.ts';
import { type FakeGithub, startFakeGithub, TOKEN } from '../fake-github.ts';
import { inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { isWrite, type Request } from './arrivals.ts';
import {
  carryOut,
  changes,
  type File,
  file,
  listed,
  NAMES,
  previousNameOf,
  STRANGER,
  writeFile,
} from './random-files.ts';
import { isTemporary, nameOf, type ShareNow, stateOf } from './truth.ts';

let sim: Simulator;
let folder: string;
let github: FakeGithub;
const counts = { applied: 0, heldBack: 0, gains: 0, again: 0, writes: 0 };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'share-action-'));
  github = await startFakeGithub();
  sim = await startSimulator({ associationMs: 5, rateLimit: { quota: 1_000_000, windowSeconds: 300 } });
});
afterAll(async () => {
  await sim.close();
  github.close();
  rmSync(folder, { recursive: true });
  console.log(
    `reviewed plans: ${counts.applied} applied, ${counts.heldBack} held back (${counts.gains} because of what somebody would gain), ${counts.again} repeated, ${counts.writes} writes`,
  );
});

const scene = fc.record({
  first: changes,
  planned: file,
  between: changes,
  /** The file at the time of the apply, or the part that is removed from it, if it differs from the planned one. */
  applied: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom('prune' as const, 'exclude' as const) },
    { weight: 1, arbitrary: file },
  ),
  fromComment: fc.boolean(),
  /** Shares that other runs left under temporary names. */
  leftOver: fc.subarray([...NAMES], { maxLength: 1 }),
  faults: fc.array(fc.record({ kind: fc.constantFrom(...faultKinds), skip: fc.nat({ max: 6 }) }), { maxLength: 1 }),
});

const idOf = (id: string): string => id.toLowerCase();
const accountIn = (item: object): string => {
  const { account_id, recipient_account_id } = item as Record<string, string | undefined>;
  return idOf(recipient_account_id ?? account_id ?? 'organization');
};
const accountsIn = (items: readonly object[] = []): string[] => items.map(accountIn);
interface Item {
  resource_type: string;
  resource_id: string;
  meta: unknown;
}
const resourceIn = ({ resource_type, resource_id, meta }: Item): string =>
  JSON.stringify([resource_type, idOf(resource_id), meta]);
const resourcesIn = (items: readonly Item[]): string[] => items.map(resourceIn);
const beyond = <T>(items: readonly T[], allowed: readonly T[]): T[] => items.filter((item) => !allowed.includes(item));

/** The parts of a write that the plan doesn't contain. */
function unplanned(request: Request, plan: Plan, before: readonly ShareNow[]): string[] {
  const [, shareId, list, item] = /\/shares(?:\/([^/]+))?(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(request.path) ?? [];
  const { method } = request;
  const body = request.body as never;
  if (shareId === undefined) return unplannedCreation(body, plan);
  const share = sim.shares().find(({ id }) => id === shareId);
  if (!share) return [`${method} of share ${shareId}, which is not there`];
  const found = before.find(({ id }) => id === shareId);
  const name = nameOf(found ?? share);
  const own = plan.shares.find(({ share_id }) => share_id !== null && idOf(share_id) === shareId);
  // A reviewed create also covers completing the share: its rename and its listed items.
  const making = plan.shares.find(
    (each) => each.name === name && (each.action === 'create' || each.action === 'replace'),
  );
  const made = found === undefined || isTemporary(found);
  const old = found && stateOf(found);
  const plans = [own, making].filter((each) => each !== undefined);
  const of = <T>(pick: (each: SharePlan) => readonly T[]): T[] => plans.flatMap(pick);
  const addable = of(({ recipients }) => accountsIn(recipients.add));
  // A reviewed replacement contains exactly the listed items, and so does a leftover share that it adopts.
  const takesOver = found !== undefined && isTemporary(found) && making?.action === 'replace';
  const removable = [
    ...accountsIn(own?.recipients.remove),
    ...(takesOver ? beyond(old?.recipients ?? [], addable) : []),
  ];
  switch (`${method} ${list ?? ''}`) {
    case 'PUT ': {
      const to = (body as { name: string }).name;
      const isRename = own?.rename?.to === to;
      return isRename || (made && making?.name === to) ? [] : [`rename to ${to}`];
    }
    case 'DELETE ':
      // Cleanup of a temporary share that belongs to a listed share and is no longer needed.
      if (made && plan.shares.some((each) => each.name === name)) return [];
      return own && ['delete', 'replace'].includes(own.action) ? [] : [`delete ${shareId}`];
    case 'POST recipients':
      return beyond([accountIn(body)], addable);
    case 'PUT recipients': {
      const wanted = accountsIn(body);
      return [
        ...beyond(beyond(wanted, old?.recipients ?? []), addable),
        ...beyond(beyond(old?.recipients ?? [], wanted), removable),
      ];
    }
    case 'DELETE recipients': {
      const record = share.recipients.find(({ id }) => id === item);
      return beyond([record?.account_id ?? ''], removable);
    }
    case 'PUT excluded-recipients': {
      const wanted = accountsIn(body);
      const excludable = of(({ exclusions }) => accountsIn(exclusions?.add));
      return [
        ...beyond(beyond(wanted, old?.exclusions ?? []), excludable),
        ...beyond(beyond(old?.exclusions ?? [], wanted), accountsIn(own?.exclusions?.remove)),
      ];
    }
    case 'POST resources':
      return beyond(
        [resourceIn(body)],
        of(({ resources }) => resourcesIn(resources.add)),
      );
    case 'PUT resources': {
      const resource = share.resources.find(({ id }) => id === item);
      const changed = resource ? resourceIn({ ...resource, meta: (body as Item).meta }) : '';
      // A reviewed create never covers changing the meta of a resource that somebody else shared.
      return beyond([changed], resourcesIn(own?.resources.update ?? []));
    }
    case 'DELETE resources': {
      const resource = share.resources.find(({ id }) => id === item);
      const isListed = making?.resources.add.some(({ resource_id }) => resource_id === resource?.resource_id);
      return takesOver && !isListed ? [] : beyond([item ?? ''], own?.resources.remove.map(({ id }) => id) ?? []);
    }
    default:
      return [`${method} ${request.path}`];
  }
}

function unplannedCreation(
  { name, recipients, resources }: { name: string; recipients: object[]; resources: Item[] },
  { shares }: Plan,
): string[] {
  const planned = shares.find(
    (each) => each.name === nameOf({ name }) && (each.action === 'create' || each.action === 'replace'),
  );
  if (!planned) return [`create ${name}`];
  return [
    ...beyond(accountsIn(recipients), accountsIn(planned.recipients.add)),
    ...beyond(resourcesIn(resources), resourcesIn(planned.resources.add)),
  ];
}

/** What a share contains, and for whom. */
type Held = Pick<ReturnType<typeof stateOf>, 'target' | 'recipients' | 'exclusions'> & { resources: string[] };

const held = (share: ShareNow): Held => {
  const { target, recipients, exclusions, resources } = stateOf(share);
  return { target, recipients, exclusions, resources: resources.map((each) => each.slice(0, each.indexOf(' '))) };
};

/** Who has what. `others` are the accounts of the organization that no list names. */
const pairsOf = ({ target, recipients, exclusions, resources }: Held): string[] =>
  (target === 'account' ? recipients : beyond([...sim.memberIds, 'others'], exclusions)).flatMap((account) =>
    resources.map((resource) => `${account} has ${resource}`),
  );

/** The share if the plan had been applied right away. Without `exclude`, exclusions can't be relied on. */
function plannedState(plan: SharePlan, desired: File, atPlanning: readonly ShareNow[]): Held | undefined {
  const { action, share_id, recipients, resources, exclusions } = plan;
  if (action === 'delete') return undefined;
  const found = atPlanning.find(({ id }) => id === share_id);
  const base =
    action === 'update' || action === 'none'
      ? found && held(found)
      : { target: exclusions ? 'organization' : 'account', recipients: [], exclusions: [], resources: [] };
  if (!base) return undefined;
  const wanted = new Map(listed(desired)).get(plan.name);
  const ids = (items: readonly { resource_id: string }[]): string[] => items.map(({ resource_id }) => resource_id);
  const after = (had: string[], add: string[], remove: string[]): string[] => [...beyond(had, remove), ...add];
  const isNew = action === 'create' || action === 'replace';
  return {
    target: base.target,
    recipients: after(base.recipients, accountsIn(recipients.add), isNew ? [] : accountsIn(recipients.remove)),
    resources: after(base.resources, ids(resources.add), isNew ? [] : ids(resources.remove)),
    exclusions:
      wanted?.state === 'present' && wanted.exclude
        ? after(base.exclusions, accountsIn(exclusions?.add), isNew ? [] : accountsIn(exclusions?.remove))
        : [],
  };
}

/**
 * The access that an update of all recipients and resources gives temporarily. A share can't be left without recipients or
 * resources, so new recipients get the old resources until those are removed. Only a run that fails in between leaves it
 * like this.
 */
function givenOnTheWay(plan: SharePlan, atPlanning: readonly ShareNow[]): string[] {
  const found = atPlanning.find(({ id }) => id === plan.share_id);
  const old = found && held(found);
  const leaving = accountsIn(plan.recipients.remove);
  const going = plan.resources.remove.map(({ resource_id }) => resource_id);
  if (!old || beyond(old.recipients, leaving).length > 0 || beyond(old.resources, going).length > 0) return [];
  return pairsOf({ ...old, recipients: accountsIn(plan.recipients.add) });
}

interface Moments {
  atPlanning: readonly ShareNow[];
  before: readonly ShareNow[];
  atEnd: readonly ShareNow[];
  isGreen: boolean;
}

/** The access that exists now, but neither existed before the run nor is part of the reviewed plan. */
function unseenGains(plan: Plan, desired: File, { atPlanning, before, atEnd, isGreen }: Moments): string[] {
  // A create call that executes after the run has ended leaves a temporary share, and no run is left to exclude accounts
  // from it (docs/RERUNNING.md, "What can't be promised").
  const isLate = (share: ShareNow): boolean => isTemporary(share) && !isThere(share, before) && !isThere(share, atEnd);
  const live = sim.liveShares().filter((share) => !isLate(share));
  return live.flatMap((share) => {
    const had = before.filter(({ id, name }) => id === share.id || (name === nameOf(share) && !isThere(share, before)));
    const plans = plan.shares.filter(({ share_id, name, action }) =>
      action === 'create' || action === 'replace' ? name === nameOf(share) : idOf(share_id ?? '') === share.id,
    );
    const seen = plans.flatMap((each) => plannedState(each, desired, atPlanning) ?? []);
    const onTheWay = isGreen ? [] : plans.flatMap((each) => givenOnTheWay(each, atPlanning));
    const known = [...[...had.map(held), ...seen].flatMap(pairsOf), ...onTheWay];
    return beyond(pairsOf(held(share)), known).map((pair) => `${share.name} (${share.id}): ${pair}`);
  });
}

const isThere = ({ id }: ShareNow, shares: readonly ShareNow[]): boolean => shares.some((each) => each.id === id);

/** The file without `prune` or `exclude`. */
const without = (what: 'prune' | 'exclude', desired: File): File =>
  what === 'prune'
    ? { ...desired, prune: false }
    : {
        ...desired,
        shares: desired.shares.map((each) =>
          each.state === 'present' ? { ...each, exclude: undefined } : each,
        ) as File['shares'],
      };

/** One test for each part of the runs, because a busy machine needs more than the time of one test for all of them. */
const PARTS = [1, 2, 3, 4];

test.each(PARTS)('no write is sent for an unreviewed step, and nobody gains unreviewed access (part %d)', () =>
  fc
    .assert(
      fc.asyncProperty(scene, async ({ first, planned, between, applied, leftOver, faults, fromComment }) => {
        sim.reset();
        github.reset();
        sim.seed({ name: NAMES[0] });
        sim.seed({ name: previousNameOf(NAMES[1]), recipients: [{}] });
        sim.seed({ name: STRANGER });
        for (const each of first) await carryOut(sim, each);
        const planFile = join(folder, 'plan.json');
        const run = (desired: File, inputs: Record<string, string>, env: Record<string, string>): Promise<Ran> =>
          runInProcess(
            inputsFor(sim, {
              config: writeFile(sim, folder, desired),
              prune: String(desired.prune),
              replace: 'true',
              'max-attempts': '3',
              'request-timeout': '0.5',
              ...inputs,
            }),
            { clock: fastClock(100), env },
          );
        const planning = await run(
          planned,
          {
            mode: 'plan',
            'plan-file': planFile,
            ...(fromComment ? { 'comment-on-pr': 'true', 'github-token': TOKEN } : {}),
          },
          github.onPullRequest(),
        );
        const atPlanning = sim.liveShares();
        const { plan } = JSON.parse(readFileSync(planFile, 'utf8')) as { plan: Plan };

        for (const each of between) await carryOut(sim, each);
        for (const name of leftOver) sim.seed({ name: `${name} [creating 0another0run0]` });
        const before = sim.liveShares();
        sim.requests.length = 0;
        for (const fault of faults)
          sim.order({ ...fault, delayMs: /late/.test(fault.kind) ? 3_600_000 : 0, retryAfterSeconds: 0 });
        const reviewedPlan: Record<string, string> = fromComment
          ? { 'reviewed-plan': 'pull-request', 'github-token': TOKEN }
          : { 'reviewed-plan': planFile };
        const now = typeof applied === 'string' ? without(applied, planned) : (applied ?? planned);
        const ran = await run(now, reviewedPlan, github.onMerge());
        const atEnd = sim.liveShares();
        await sim.commitPending();

        const writes = sim.requests.filter(isWrite);
        const strange = writes.flatMap((request) => {
          const what = unplanned(request, plan, before);
          return what.length === 0 ? [] : [{ request: `${request.method} ${request.path}`, what }];
        });
        const story = `${planning.log}\n${JSON.stringify(plan, null, 1)}\n${ran.log}`;
        if (strange.length > 0) throw new Error(`${story}\n${JSON.stringify(strange, null, 1)}`);
        const gained = unseenGains(plan, planned, { atPlanning, before, atEnd, isGreen: ran.exitCode === 0 });
        if (gained.length > 0) throw new Error(`${story}\n${gained.join('\n')}`);
        if (ran.log.includes('Not in the reviewed plan: give ')) counts.gains += 1;
        counts.writes += writes.length;
        counts[ran.exitCode === 0 ? 'applied' : 'heldBack'] += 1;
        // If nothing has changed, the plan has to be applied.
        const asPlanned = between.length + leftOver.length + faults.length === 0 && applied === undefined;
        if (asPlanned && planning.exitCode === 0 && ran.exitCode !== 0) throw new Error(story);
        // If only requests failed, running again has to end as reviewed.
        const isUndisturbed = between.length + leftOver.length === 0 && applied === undefined;
        if (!isUndisturbed || faults.length === 0 || planning.exitCode !== 0) return;
        sim.clearFaults();
        const again = await run(planned, reviewedPlan, github.onMerge());
        if (again.exitCode !== 0) throw new Error(`${story}\n${again.log}`);
        counts.again += 1;
      }),
      { numRuns: 120 / PARTS.length, endOnFailure: true },
    )
    .then(() => expect(counts.writes).toBeGreaterThan(0)),
);
