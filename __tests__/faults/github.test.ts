// The fault matrix of GitHub: every trouble at every request to it, either once or from then on. The paths are plans with a
// comment, applies of the plan in a comment, and an apply of a plan file. After each run, whatever went wrong:
// - Either nothing or exactly the reviewed plan was written to Cloudflare.
// - The comment with the reviewed plan is unchanged, and there is at most one comment of each kind.
// - The step succeeded or says why it failed. A missing comment is a warning.
// - Another undisturbed run ends as reviewed.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { fakeClock } from '../clock.ts';
import { BOT, type Comment, type FakeGithub, type Fault, PERSON, startFakeGithub, TOKEN } from '../fake-github.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';

let sim: Simulator;
let github: FakeGithub;
let cases = 0;
const triedAgain = new Set<string>();
beforeAll(async () => {
  sim = await startSimulator({ associationMs: 0, rateLimit: { quota: 1_000_000, windowSeconds: 300 } });
  github = await startFakeGithub();
});
afterAll(async () => {
  github.close();
  await sim.close();
  console.log(`fault matrix of GitHub: ${cases} cases`);
});

const HTML = `<html><title>Unicorn!</title>${'x'.repeat(5_000)}</html>`;
const RESET = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.UTC(2026, 10, 24, 10, 0, 5) / 1000) };
const LATER = { ...RESET, 'x-ratelimit-reset': String(Date.UTC(2026, 10, 24, 12) / 1000) };
const refused = (status: number, message: string, headers = {}): Fault => ({
  kind: 'response',
  status,
  data: { message },
  headers,
});

interface Trouble {
  title: string;
  fault: Fault;
  /** Whether it is temporary: if it occurs only once, the run overcomes it. */
  passes: boolean;
}
const TROUBLES: Trouble[] = [
  { title: 'the connection breaks before the request', fault: { kind: 'unsent' }, passes: true },
  { title: 'the response is lost', fault: { kind: 'lost' }, passes: true },
  { title: 'the response is truncated', fault: { kind: 'cut' }, passes: true },
  { title: 'a 502 as a web page', fault: { kind: 'response', status: 502, html: HTML }, passes: true },
  { title: 'a 502 after the change', fault: { kind: 'response', status: 502, html: HTML, isDone: true }, passes: true },
  { title: 'a 500', fault: refused(500, 'Server Error'), passes: true },
  { title: 'a login page', fault: { kind: 'response', status: 200, html: HTML }, passes: true },
  { title: 'null', fault: { kind: 'response', status: 200, data: null }, passes: true },
  { title: 'null after the change', fault: { kind: 'response', status: 200, data: null, isDone: true }, passes: true },
  { title: 'a 429', fault: refused(429, 'Slow down', { 'retry-after': '2' }), passes: true },
  {
    title: 'a secondary rate limit',
    fault: refused(403, 'You have exceeded a secondary rate limit', { 'retry-after': '3' }),
    passes: true,
  },
  { title: 'a rate limit that lasts seconds', fault: refused(403, 'API rate limit exceeded', RESET), passes: true },
  { title: 'a rate limit that lasts hours', fault: refused(403, 'API rate limit exceeded', LATER), passes: false },
  { title: 'a missing permission', fault: refused(403, 'Resource not accessible by integration'), passes: false },
  {
    title: 'a locked conversation',
    fault: refused(403, 'Unable to create comment because issue is locked.'),
    passes: false,
  },
  { title: 'a token that is not valid', fault: refused(401, 'Bad credentials'), passes: false },
  { title: 'a 404', fault: refused(404, 'Not Found'), passes: false },
  { title: 'a refusal', fault: refused(422, 'Validation Failed'), passes: false },
  {
    title: 'a redirect to another host',
    fault: { kind: 'response', status: 307, data: '', headers: { location: 'https://elsewhere.invalid' } },
    passes: false,
  },
];

const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const to = (...indexes: number[]) => indexes.map((i) => ({ recipient_account_id: sim.memberIds[i] }));
const run = (inputs: InputsOf, env: Record<string, string>): Promise<Ran> =>
  runInProcess(
    inputsFor(sim, {
      'share-name': 'Baseline',
      recipients: to(0, 1),
      resources: [POLICY],
      'github-token': TOKEN,
      'comment-on-pr': 'true',
      ...inputs,
    }),
    { env, clock: fakeClock() }, // on this clock, waiting a minute takes no time
  );
const shares = (): string[] =>
  sim.liveShares().map(({ name, recipients }) => `${name}: ${recipients.map(({ account_id }) => account_id).sort()}`);

interface Path {
  name: string;
  kind: 'plan' | 'result';
  /** What happened before the run. */
  prepare: () => Promise<unknown>;
  go: () => Promise<Ran>;
  /** The expected live shares after the run. */
  leaves: () => string[];
  /** Whether it reads the reviewed plan from GitHub. */
  readsPlan?: true;
  /** Whether it must never write, because one step was not reviewed. */
  isRefused?: true;
}

const asReviewed = (): string[] => [`Baseline: ${[sim.memberIds[0], sim.memberIds[1]].sort()}`];
const plan = (inputs: InputsOf = {}): Promise<Ran> => run({ mode: 'plan', ...inputs }, github.onPullRequest());
const copied = async (): Promise<void> => {
  await plan();
  github.say(github.plans()[0]?.body ?? '', PERSON);
};
const FILE: InputsOf = { 'plan-file': 'plan.json' };
const PATHS: Path[] = [
  { name: 'plan', kind: 'plan', prepare: async () => github.talk(3), go: () => plan(), leaves: () => [] },
  { name: 'plan again', kind: 'plan', prepare: () => plan({ recipients: to(2) }), go: () => plan(), leaves: () => [] },
  {
    name: 'apply on the push',
    kind: 'result',
    prepare: copied,
    go: () => run({ 'reviewed-plan': 'pull-request' }, github.onMerge()),
    leaves: asReviewed,
    readsPlan: true,
  },
  {
    name: 'apply on the closed pull request',
    kind: 'result',
    prepare: copied,
    go: () => run({ 'reviewed-plan': 'pull-request' }, github.onClosed()),
    leaves: asReviewed,
    readsPlan: true,
  },
  {
    name: 'apply of more than was reviewed',
    kind: 'result',
    prepare: copied,
    go: () => run({ 'reviewed-plan': 'pull-request', recipients: to(0, 1, 5) }, github.onMerge()),
    leaves: () => [],
    readsPlan: true,
    isRefused: true,
  },
  {
    name: 'apply of a plan file',
    kind: 'result',
    prepare: () => plan(FILE),
    go: () => run({ 'reviewed-plan': 'plan.json' }, github.onClosed()),
    leaves: asReviewed,
  },
];

/** The initial comments of each path. Planning writes nothing to Cloudflare, so it has to run only once. */
const found = new Map<Path, Comment[]>();

const start = async (path: Path): Promise<string[]> => {
  sim.reset();
  github.reset();
  if (!found.has(path)) await path.prepare();
  else
    for (const { body, user, editor } of found.get(path) ?? []) Object.assign(github.say(body ?? '', user), { editor });
  if (!found.has(path)) found.set(path, structuredClone(github.comments));
  github.requests.length = 0;
  return plansNow();
};
const own = (kind: 'plan' | 'result') =>
  (kind === 'plan' ? github.plans() : github.results()).filter(({ user }) => user?.login === BOT.login);
const plansNow = (): string[] => own('plan').map(({ body }) => body ?? '');

/** Everything that matters for a later run: the live shares and the comments. The ids of shares are random. */
const worldNow = (): string =>
  sim
    .liveShares()
    .reduce(
      (text, { id }, i) => text.replaceAll(id, `share ${i}`),
      JSON.stringify([shares(), github.comments.map(({ body, user }) => [body, user])]),
    );

/** The requests of each path without any trouble. */
const requestsOf = new Map<Path, string[]>();

async function learn(path: Path): Promise<string[]> {
  await start(path);
  await path.go();
  return github.requests.map(({ what }) => what);
}

test.each(
  PATHS.flatMap((path) => TROUBLES.map((trouble) => ({ path, trouble, title: `${path.name}: ${trouble.title}` }))),
)('keeps every promise despite trouble at any request to GitHub: $title', async ({ path, trouble }) => {
  const { kind, go, leaves, readsPlan, isRefused } = path;
  const requests = requestsOf.get(path) ?? (await learn(path));
  requestsOf.set(path, requests);
  expect(requests.length).toBeGreaterThan(2);

  for (const from of requests.keys()) {
    for (const isOnce of [true, false]) {
      cases += 1;
      const before = await start(path);
      let arrived = 0;
      github.faultFor = () => {
        const at = arrived++;
        return isOnce ? (at === from ? trouble.fault : undefined) : at >= from ? trouble.fault : undefined;
      };
      const ran = await go();
      const story = [
        `${path.name}: ${trouble.title}, at request ${from} (${requests[from]})${isOnce ? '' : ' and from then on'}`,
        ran.log,
        ...github.requests.map(({ what }) => what),
      ].join('\n');
      try {
        expectTruth(ran, before);
      } catch (error) {
        throw new Error(`${story}\n${(error as Error).message}`);
      }

      // The trouble is over and the job runs again, once for each distinct world.
      const world = `${path.name}: ${worldNow()}`;
      if (triedAgain.has(world)) continue;
      triedAgain.add(world);
      github.faultFor = () => undefined;
      const again = await go();
      expect([story, again.errors.length > 0]).toEqual([story, isRefused === true]);
      expect([story, again.warnings]).toEqual([story, []]);
      expect([story, shares()]).toEqual([story, leaves()]);
      expect([story, own(kind).length, own('plan').length]).toEqual([story, 1, 1]);

      function expectTruth({ exitCode, errors, warnings, lines }: Ran, plans: string[]): void {
        const isNotRead = errors.some((text) =>
          /^The reviewed plan can't be looked up|no GraphQL|no comment/.test(text),
        );
        const isWritten = JSON.stringify(shares()) !== '[]';
        expect(exitCode).toBe(isRefused || isNotRead ? 1 : 0);
        expect(isWritten).toBe(exitCode === 0 && kind === 'result');
        if (isWritten) expect(shares()).toEqual(leaves());
        if (!readsPlan) expect(errors).toEqual([]);
        if (exitCode === 1)
          expect(lines.at(-1)).toMatch(/^Done: nothing|^There is no reviewed plan to apply\. .*nothing was changed/);
        for (const text of [...errors, ...warnings]) expect(text).not.toMatch(/<|undefined|\[object/);
        expect(own(kind).length).toBeLessThanOrEqual(1);
        if (kind === 'result') expect(plansNow()).toEqual(plans);
        if (trouble.passes && isOnce) expect([isNotRead, warnings]).toEqual([false, []]);
        const isSaid = warnings.some((text) =>
          /^(No comment|The comment may or may not have been written) on /.test(text),
        );
        const [comment] = own(kind);
        const isUpToDate = comment?.body?.includes(`Run ${kind === 'plan' ? 34 : 35}`) && !plans.includes(comment.body);
        if (!isNotRead && !isSaid) expect(isUpToDate).toBe(true);
        if (isUpToDate) expect(warnings.filter((text) => text.startsWith('No comment'))).toEqual([]);
      }
    }
  }
});
