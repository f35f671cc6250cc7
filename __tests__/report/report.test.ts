// The end of a run as the runner sees it: outputs, summary, report file, annotations and the last line.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/clock.ts';
import type { Report } from '../../src/report/contents.ts';
import * as log from '../../src/report/log.ts';
import { outputsOf, setBroken, setShareId, setUnchanged } from '../../src/report/outputs.ts';
import { reportChecked, reportExport, reportRun } from '../../src/report/report.ts';
import { writeReportFile } from '../../src/report/summary.ts';
import { keepSecret } from '../../src/secrets.ts';
import type { RunContext, Source } from '../../src/settings.ts';
import type { ExportOutcome, ShareOutcome } from '../../src/share/outcome.ts';
import type { SharePlan } from '../../src/share/plan.ts';
import type { Place, Problem } from '../../src/share/problem.ts';
import { read } from './reader.ts';
import { inStep, runReport, SETTINGS } from './run-report.ts';
import {
  applied,
  BERLIN,
  CONFIG,
  desired,
  idOf,
  LYON,
  live,
  NAMES,
  ORGANIZATION,
  OWNER,
  planned,
  policy,
  REPORTS,
  recipient,
  report,
  ruleset,
  STRANGER,
} from './values.ts';

const reportOf = (name: string): Report => REPORTS[name] as Report;
const NAME = 'Gateway baseline';
const wanted = desired(NAME, [BERLIN, LYON]);
const there = { share: live(NAME), recipients: [recipient(BERLIN), recipient(LYON)] };
const refusal: Problem = { message: 'Cloudflare refused' };

describe('the end of a step', () => {
  test.each([
    ['create', true],
    ['update', true],
    ['prune', true],
    ['refused', false],
    ['drift', false],
    ['failed halfway', false],
    ['terminal error', false],
    ['broken file', false],
    ['no permission', false],
  ])('reports success (%s): %s', async (name, green) => {
    const ran = await runReport(reportOf(name));
    expect(ran.green).toBe(green);
    expect(ran.errors.length > 0).toBe(!green);
    expect(ran.lines.at(-1)).toMatch(/^(?!::).*\.$/);
  });

  test('writes the same report to the summary and the report file', async () => {
    const { summary, file, outputs } = await runReport(reportOf('create'));
    expect(read(summary).lines[0]).toContain('was created; 3 recipients gained something');
    expect(read(summary).diagrams).toHaveLength(1);
    expect(file).toBe(summary);
    expect(outputs['report-file']).toMatch(/cloudflare-share-report-[0-9a-f]{8}\.md$/);
  });

  test('writes a report file that fits into an issue body, even for many shares', async () => {
    const shares = Array.from({ length: 2_000 }, (_, i) => planned(desired(`Share ${i}`, [idOf(`branch ${i}`)]), {}));
    const { summary, file = '' } = await runReport(report('plan', shares));
    expect(file.length).toBeLessThan(65_536);
    expect(Buffer.byteLength(summary)).toBeGreaterThan(100_000);
    expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024);
  });

  test('logs how long association took', async () => {
    const { lines } = await runReport(reportOf('create'));
    expect(lines.slice(-2)).toEqual([
      'All 3 recipients are associated; that took 42 s.',
      `Share "${NAME}" (${idOf(`share ${NAME}`)}) was created.`,
    ]);
  });

  test('logs the association only if a single share was applied and waited for', async () => {
    const created = reportOf('create').outcomes.map(({ waitedMs: _, ...outcome }) => outcome);
    const waited = reportOf('create').outcomes;
    const unread = waited.map(({ recipients: _, ...outcome }) => outcome);
    for (const of of [
      report('apply', created),
      report('apply', unread),
      report('apply', waited, { source: CONFIG }),
      report('plan', waited),
    ]) {
      const { lines, warnings } = await runReport(of);
      expect(lines.filter((line) => /^\W|associated/.test(line))).toEqual([]);
      expect(warnings).toEqual([]);
    }
  });

  test("fails if the plan can't be written to its file, and warns about what apply will refuse", async () => {
    const { green, errors, warnings } = await runReport({
      ...reportOf('update'),
      unwritten: { message: "p.json can't be written (ENOSPC)", place: { label: 'plan-file' } },
      cautions: [{ message: 'prune would remove 15 of the 20' }],
    });
    expect(green).toBe(false);
    expect(errors).toEqual(["plan-file: p.json can't be written (ENOSPC)"]);
    expect(warnings).toEqual(['prune would remove 15 of the 20']);
  });

  test("warns when the summary and the report file can't be written", async () => {
    const ran = await inStep(async ({ folder }) => {
      const nowhere = `${folder}/no/such/folder`;
      const run = { tempPath: nowhere, summaryPath: `${nowhere}/summary.md` };
      return reportRun({ ...reportOf('create'), run }, SETTINGS, new AbortController().signal, systemClock);
    });
    expect(ran.value).toBe(true);
    expect(ran.warnings).toEqual([
      expect.stringMatching(/^The report could not be written to a file: .*ENOENT/),
      expect.stringMatching(/^The job summary could not be written: .*ENOENT/),
    ]);
    expect(ran.outputs['report-file']).toBeUndefined();
  });

  test("sets the outputs even when the report can't be created", async () => {
    const halfCharacter = 'https://example.com/\ud800'; // no URL can contain half a surrogate pair
    const created = reportOf('create');
    const ran = await runReport({ ...created, run: { ...created.run, url: halfCharacter } });
    expect(ran.green).toBe(true);
    expect(ran.warnings).toEqual([
      expect.stringMatching(/^The report could not be written to a file: URIError/),
      expect.stringMatching(/^The job summary could not be written: URIError/),
    ]);
    expect(ran.outputs).toMatchObject({ outcome: 'created', changed: 'true' });
  });

  test('writes the report file next to the summary if there is no folder for temporary files', async () => {
    const { value, summary } = await inStep(({ folder, summaryPath }) => {
      const write = (run: RunContext) => writeReportFile(run, () => 'The report');
      const elsewhere = join(folder, 'elsewhere', 'summary.md');
      return [write({ tempPath: folder, summaryPath: elsewhere }), write({ summaryPath })].map(
        (path) => dirname(path ?? '') === folder,
      );
    });
    expect([value, summary]).toEqual([[true, true], '']);
  });

  test('writes no report if there is neither a folder for temporary files nor a summary', async () => {
    const ran = await inStep(async () => {
      return reportRun({ ...reportOf('create'), run: {} }, SETTINGS, new AbortController().signal, systemClock);
    });
    expect([ran.summary, ran.warnings, ran.outputs['report-file']]).toEqual(['', [], undefined]);
  });

  test('never shows secrets', async () => {
    const secret = 'a-secret-token-of-cloudflare-0000';
    await inStep(() => keepSecret(secret));
    const { lines, outputs, summary, file } = await runReport(
      report('apply', [
        planned(
          { ...wanted, name: `my ${secret}` },
          {},
          {
            problems: [{ message: `refused ${secret}` }],
            steps: { done: [{ kind: 'rename', name: secret }], notDone: [], notKnown: [] },
          },
        ),
      ]),
    );
    expect(JSON.stringify([lines, outputs, summary, file])).not.toContain(secret);
  });
});

describe('the end of mode: check', () => {
  const check = async (n: number, source: Source, warnings: readonly Problem[] = []) => {
    const shares = Array.from({ length: n }, () => wanted);
    const ran = await inStep(({ folder, summaryPath }) =>
      reportChecked({ desired: shares, source, run: { tempPath: folder, summaryPath } }, warnings),
    );
    return { ...ran, page: read(ran.summary) };
  };

  test('says that there are no problems, and that nothing was sent', async () => {
    const { value, page, lines, outputs, errors, warnings } = await check(1, { kind: 'inputs' });
    const words = 'Checked 1 share: no problems. Nothing was sent to Cloudflare, and nothing was changed.';
    expect([value, page.heading, page.lines, lines.at(-1)]).toEqual([true, 'Check of the inputs', [words], words]);
    expect(outputs).toEqual({ outcome: 'checked', changed: 'false', 'report-file': expect.stringMatching(/\.md$/) });
    expect([errors, warnings]).toEqual([[], []]);
  });

  test('lists the first 50 warnings with their places', async () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => ({ message: `Mind <b> ${i}` }));
    const placed = { message: 'is too short', place: { label: 'shares[0].name' } };
    const { page } = await check(2, CONFIG, [placed, ...many(49)]);
    expect(page.heading).toBe('Check of .cloudflare/shares.yml');
    expect(page.lines[0]).toMatch(/^Checked 2 shares: no problems, 50 warnings\. Nothing was sent/);
    expect(page.lines.slice(1, 3)).toEqual(['⚠️ shares[0].name: is too short', '⚠️ Mind <b> 0']);
    expect([page.lines.length, page.lines.at(-1)]).toEqual([51, '⚠️ Mind <b> 48']);
    expect((await check(2, CONFIG, many(1))).summary).toMatch(/ changed\.\n\n- ⚠️ Mind &#60;b&#62; 0\n$/);
    const longer = await check(2, CONFIG, [placed, ...many(50)]);
    expect(longer.page.lines.slice(-2)).toEqual(['⚠️ Mind <b> 48', 'and 1 more']);
  });

  test("fails if the outputs can't be set", async () => {
    const { value, errors } = await inStep(({ summaryPath }) => {
      process.env.GITHUB_OUTPUT = `${summaryPath}/no/such/file`;
      return reportChecked({ desired: [wanted], source: { kind: 'inputs' }, run: {} }, []);
    });
    expect([value, errors]).toEqual([false, [expect.stringMatching(/^The outputs can't be set/)]]);
  });
});

describe('the end of mode: export', () => {
  const exported = async (outcome: Partial<ExportOutcome>) => {
    let file = '';
    const ran = await inStep(({ folder, summaryPath }) => {
      const run = { tempPath: folder, summaryPath };
      const value = reportExport({ problems: [], warnings: [], ...outcome }, 'new.yml', run);
      const path = readdirSync(folder).find((name) => name.startsWith('cloudflare-share-report-'));
      file = readFileSync(join(folder, path ?? ''), 'utf8');
      return value;
    });
    return { ...ran, file, page: read(ran.summary) };
  };
  const REVIEW = 'Review the file and commit it. A plan for it has no changes.';

  test.each<[string, Partial<ExportOutcome>, string]>([
    ['everything', { shares: 1, complete: true }, REVIEW],
    [
      'everything, with warnings',
      { shares: 1, complete: true, warnings: [{ message: 'mind' }] },
      `${REVIEW} But check the warnings first.`,
    ],
    [
      'only some shares',
      { shares: 1, complete: false, warnings: [{ message: 'mind' }] },
      'Check the warnings before you commit the file. It is not complete, because it leaves out shares.',
    ],
  ])('says what to do with a file that has %s', async (_, outcome, words) => {
    const { value, page, lines, outputs, warnings, errors, summary } = await exported(outcome);
    expect([value, page.heading, page.lines[0]]).toEqual([true, '1 share written to new.yml', words]);
    expect(lines.at(-1)).toBe(`1 share written to new.yml. ${words}`);
    expect(page.lines.slice(1)).toEqual(warnings.map((text) => `⚠️ ${text}`));
    expect(warnings).toHaveLength(outcome.warnings?.length ?? 0);
    expect(summary).toMatch(warnings.length === 0 ? /changes&#46;\n$/ : /&#46;\n\n- ⚠️ mind\n$/);
    expect(errors).toEqual([]);
    expect(outputs).toEqual({ outcome: 'exported', changed: 'false', 'report-file': expect.stringMatching(/\.md$/) });
  });

  test('says that no file was written, and why', async () => {
    const { value, page, lines, outputs, errors } = await exported({
      problems: [{ message: 'Cloudflare refused <b>' }, { message: 'no', kind: 'inputs' }],
    });
    expect([value, page.heading, page.lines]).toEqual([
      false,
      'No file was written to new.yml',
      ['Nothing was changed.', '❌ Cloudflare refused <b>', '❌ no'],
    ]);
    expect(lines.at(-1)).toBe('No file was written, and nothing was changed.');
    expect(errors).toEqual(['Cloudflare refused <b>', 'no']);
    expect(outputs).toMatchObject({ changed: 'false', 'failure-reason': 'inputs' });
    expect(outputs).not.toHaveProperty('outcome');
    expect((await exported({ problems: [{ message: 'no' }] })).outputs['failure-reason']).toBe('cloudflare');
  });

  test("fails if the outputs can't be set", async () => {
    const { value, errors } = await inStep(({ summaryPath }) => {
      process.env.GITHUB_OUTPUT = `${summaryPath}/no/such/file`;
      return reportExport({ shares: 1, problems: [], warnings: [] }, 'new.yml', {});
    });
    expect([value, errors]).toEqual([false, [expect.stringMatching(/^The outputs can't be set/)]]);
  });

  test('leaves warnings out of a report file that would be too long for an issue', async () => {
    const warnings = Array.from({ length: 1_000 }, (_, i) => ({ message: `${'x'.repeat(100)} ${i}` }));
    const { file, summary } = await exported({ shares: 1, complete: true, warnings });
    const named = file.split('\n').filter((line) => line.startsWith('- ⚠️')).length;
    expect(Buffer.byteLength(file)).toBeLessThanOrEqual(65_000);
    expect(Buffer.byteLength(file)).toBeGreaterThan(64_500);
    expect(file.endsWith(`\n- and ${1_000 - named} more, in the log\n`)).toBe(true);
    expect(summary.split('\n').filter((line) => line.startsWith('- ⚠️'))).toHaveLength(1_000);
    expect(summary).not.toContain('in the log');
  });
});

describe('annotations', () => {
  test('point to their places in the file, failures first, one per cause', async () => {
    const at: Place = { label: 'shares[1].recipients[0]', file: '.cloudflare/shares.yml', line: 9, column: 7 };
    const { errors, warnings } = await runReport(
      report('plan', [
        planned(wanted, there, { problems: [{ message: 'differs', kind: 'drift' }] }),
        planned(
          desired('Bad', [BERLIN]),
          {},
          { problems: [{ ...refusal, place: at }], warnings: [{ message: 'mind' }] },
        ),
        planned(desired('C', [BERLIN], { line: 30 }), {}, { problems: [{ message: 'HTTP 503' }] }),
        planned(
          desired('D', [BERLIN], { line: 40 }),
          {},
          { problems: [{ message: 'HTTP 503' }], warnings: [{ message: 'mind' }] },
        ),
        planned(desired('E', [BERLIN], { line: 50 }), {}, { problems: [{ message: 'its own' }] }),
      ]),
    );
    expect(errors).toEqual([
      'file=.cloudflare/shares.yml::"C", "D": HTTP 503',
      'file=.cloudflare/shares.yml,line=9,col=7::shares[1].recipients[0]: "Bad": Cloudflare refused',
      'file=.cloudflare/shares.yml,line=50,col=5::"E": its own',
      expect.stringMatching(
        /^file=.cloudflare\/shares.yml,line=4,col=5::shares\[0\]\.name: "Gateway baseline": Drift: /,
      ),
    ]);
    expect(warnings).toEqual(['file=.cloudflare/shares.yml::"Bad", "D": mind']);
  });

  test.each([
    [10, []],
    [11, ['11 problems. GitHub shows the first 10 as annotations; this log has all of them.']],
  ])('are preceded by a note in the log if there are more than the ten that GitHub shows (%i)', async (n, said) => {
    const inputProblems = Array.from({ length: n }, (_, i) => ({ message: `Problem ${i}` }));
    const { lines, errors } = await runReport(report('plan', [], { source: CONFIG, inputProblems }));
    expect(lines.filter((line) => line.includes('GitHub shows'))).toEqual(said);
    expect(errors[0]).toBe('file=.cloudflare/shares.yml::Problem 0');
    expect(errors).toHaveLength(n);
  });

  test("for one share don't start with its name", async () => {
    const { errors } = await runReport(report('apply', [planned(wanted, {}, { problems: [refusal] })]));
    expect(errors).toEqual(['Cloudflare refused']);
  });

  test('include one notice about unlisted items in every mode', async () => {
    const extra = planned(wanted, { share: live(NAME), recipients: [...there.recipients, recipient(STRANGER)] });
    for (const of of [
      report('plan', [extra]),
      report('apply', [{ ...extra, outcome: 'unchanged' }]),
      report('plan', [extra, planned(desired('B', [BERLIN]), {})]),
    ]) {
      const { notices } = await runReport(of);
      expect(notices).toEqual([
        expect.stringContaining(`recipient ${STRANGER} of share "${NAME}". To remove them, set prune: true`),
      ]);
    }
    expect((await runReport(reportOf('create'))).notices).toEqual([]);
  });

  test.each([
    [1, 1, undefined],
    [20, 20, undefined],
    [30, 20, '  and 10 more, see the summary'],
  ])(
    'include a notice that leads to the unlisted items in the log (%i in total, %i named)',
    async (extras, named, rest) => {
      const many = Array.from({ length: extras }, (_, i) => recipient(idOf(`stray ${i}`)));
      const { lines, notices } = await runReport(
        report('plan', [planned(wanted, { share: live(NAME), recipients: many })], { source: CONFIG }),
      );
      expect(notices).toHaveLength(1);
      expect(lines.filter((line) => line.startsWith('  recipient '))).toHaveLength(named);
      expect(lines.filter((line) => line.startsWith('  and '))).toEqual(rest === undefined ? [] : [rest]);
    },
  );
});

describe('the log during a run', () => {
  const announced = async (outcome: ShareOutcome, many = false): Promise<string[]> =>
    (
      await inStep(() =>
        log.announcePlan({ ...outcome, plan: outcome.plan as SharePlan }, { names: NAMES, accountId: OWNER }, many),
      )
    ).lines;
  const extra = planned(wanted, { share: live(NAME), recipients: [...there.recipients, recipient(STRANGER)] });

  test('has a group for a plan, but not for unlisted items, because runners collapse groups', async () => {
    expect(await announced(extra)).toEqual([
      `::group::Plan for "${NAME}": 1 recipient not listed`,
      `  share "${NAME}": no change (${idOf(`share ${NAME}`)})`,
      '::endgroup::',
    ]);
  });

  test('omits shares without changes if there are many shares', async () => {
    expect(await announced(planned(wanted, there), true)).toEqual([]);
    expect(await announced(planned(wanted, there))).toHaveLength(3);
    const stays = planned(desired(NAME, [], { state: 'absent', unlisted: true }), there);
    expect(await announced(stays, true)).toEqual([]); // the report names all of them at its end
    expect(await announced(extra, true)).toEqual([]);
  });

  test("says that there is nothing to do for an absent share that doesn't exist", async () => {
    expect(await announced(planned(desired(NAME, [], { state: 'absent' }), {}))).toEqual([
      `::group::Plan for "${NAME}": already gone`,
      `  share "${NAME}": already gone`,
      '::endgroup::',
    ]);
  });

  test('does not claim that a kept share matches the file', async () => {
    const kept = planned(wanted, { ...there, recipients: [recipient(STRANGER)] }, { ifExists: 'keep' });
    const end = async (outcome: ShareOutcome): Promise<string | undefined> =>
      (await runReport(report(outcome.outcome === 'planned' ? 'plan' : 'apply', [outcome]))).lines.at(-1);
    expect((await announced(kept))[0]).toBe(`::group::Plan for "${NAME}": left unchanged (if-exists: keep)`);
    expect(await end(kept)).toBe(
      `Share "${NAME}": left unchanged (if-exists: keep). Nothing was changed (mode: plan).`,
    );
    expect(await end({ ...kept, outcome: 'unchanged' })).toBe(
      `Share "${NAME}" (${idOf(`share ${NAME}`)}) was left unchanged (if-exists: keep).`,
    );
    expect(await end({ ...extra, outcome: 'unchanged' })).toBe(
      `Share "${NAME}" (${idOf(`share ${NAME}`)}) is unchanged, but has unlisted items.`,
    );
  });

  test("says what can't be done, and why", async () => {
    const missing = { ...wanted, shareId: OWNER };
    expect(await announced(planned(missing, {}))).toEqual([
      `::group::Plan for "${NAME}": can't be done`,
      expect.stringMatching(/^! There is no share/),
      '::endgroup::',
    ]);
    const lines = await announced(planned(wanted, { share: live(NAME, { target: 'organization' }) }), true);
    expect(lines[0]).toBe(`::group::Plan for "${NAME}": can't be done`);
    expect(lines[2]).toMatch(/^! Share .* targets the organization/);
  });

  test('names the share if there are several, and shows names next to ids', async () => {
    const { lines } = await inStep(() => {
      log.sayOf(NAME, NAMES, true)(`+ recipient ${BERLIN}`);
      log.sayOf(NAME, NAMES, false)(`+ recipient ${BERLIN}`);
    });
    expect(lines).toEqual([
      `["${NAME}"] + recipient Berlin office (${BERLIN})`,
      `+ recipient Berlin office (${BERLIN})`,
    ]);
  });

  test('shows a repeated warning once, the reason for each wait, and the lines of the file around a problem', async () => {
    const mind = { message: 'mind', place: { label: 'config', file: 'f.yml', line: 3, column: 5 } };
    const { lines } = await inStep(() => {
      log.sayRemarks({ warnings: [mind, mind], notices: [{ message: 'by the way' }] });
      log.sayWaiting('the rate limit', 9_960);
      log.sayWaiting('the rate limit', 10_000);
      log.error({ message: 'no', frame: ['3 | a b', '      ^'] });
    });
    expect(lines).toEqual([
      '::warning file=f.yml,line=3,col=5::config: mind',
      '::notice::by the way',
      '… waiting 10.0 s: the rate limit',
      '… waiting 10 s: the rate limit',
      '::error::no',
      '  3 | a b',
      '        ^',
    ]);
  });

  test('has debug lines when debugging is on', async () => {
    const { lines } = await inStep(() => {
      log.detail('GET /shares');
      process.env.RUNNER_DEBUG = '1';
      log.detail('POST /shares');
      delete process.env.RUNNER_DEBUG;
    });
    expect(lines).toEqual(['::debug::POST /shares']);
  });
});

describe('outputs', () => {
  const done = applied(planned(desired(NAME, [BERLIN], { resources: [ruleset(), policy()] }), {}), {
    outcome: 'created',
    share: live(NAME, { resources: [policy(), ruleset()] }),
    recipients: [recipient(BERLIN)],
  });
  const ending = { reportFile: '/tmp/report.md', isCancelled: false };
  const one = (more: Partial<ShareOutcome> = {}, mode: Report['mode'] = 'apply') =>
    outputsOf(report(mode, [{ ...done, ...more }]), ending);
  const many = (outcomes: readonly ShareOutcome[], mode: Report['mode'] = 'apply', more: Partial<Report> = {}) =>
    outputsOf(report(mode, outcomes, { source: CONFIG, ...more }), ending);

  test('for one share include everything that is known', () => {
    expect(one()).toMatchObject({
      'share-id': idOf(`share ${NAME}`),
      status: 'active',
      outcome: 'created',
      changed: 'true',
      'report-file': '/tmp/report.md',
      'resource-ids': [ruleset(), policy()].map((item) => idOf(`share-resource ${item.resource_id}`)),
      shares: [{ name: NAME, outcome: 'created', changed: true, status: 'active' }],
      plan: { shares: [{ action: 'create' }] },
      share: { name: NAME },
      recipients: [{ account_id: BERLIN }],
    });
  });

  test('are not set when their value is unknown', () => {
    const { share: _, recipients: __, ...unknown } = done;
    expect(outputsOf(report('apply', [{ ...unknown, changed: undefined }]), ending)).toMatchObject({
      changed: undefined,
      status: undefined,
      'share-id': undefined,
      recipients: undefined,
      shares: [{ share_id: null, changed: null, resource_ids: [] }],
    });
    const { plan: ___, ...unplanned } = done;
    expect(many([unplanned]).plan).toBeUndefined();
    expect(outputsOf(report('apply', [], { source: { kind: 'inputs' } }), ending)).toMatchObject({
      outcome: undefined,
      changed: undefined,
      shares: undefined,
      plan: undefined,
    });
  });

  const word = (outcome: ShareOutcome['outcome'], changed: boolean | undefined): ShareOutcome => {
    const { outcome: _, ...rest } = done;
    return { ...rest, changed, ...(outcome ? { outcome } : {}) };
  };
  test.each<[string, ShareOutcome[], string | undefined, string | undefined]>([
    ['three shares created', [word('created', true), word('created', true), word('created', true)], 'created', 'true'],
    ['one share created', [word('created', true), word('unchanged', false)], 'created', 'true'],
    ['one share deleted', [word('deleted', true), word('unchanged', false)], 'deleted', 'true'],
    ['one share created and one deleted', [word('created', true), word('deleted', true)], 'updated', 'true'],
    ['no change', [word('unchanged', false), word('unchanged', false)], 'unchanged', 'false'],
    ['a plan with a change', [word('planned', true), word('planned', false)], 'planned', 'true'],
    ['a plan without a change', [word('planned', false)], 'planned', 'false'],
    ['a change and an unknown result', [word('created', true), word(undefined, undefined)], 'created', 'true'],
    ['a share that was rolled back', [word(undefined, true), word('unchanged', false)], 'updated', 'true'],
    ['a share that may have changed', [word('unchanged', undefined)], undefined, undefined],
    ['a share with an unknown result', [word('unchanged', false), word(undefined, undefined)], undefined, undefined],
    ['a share that failed before any change', [word('unchanged', false), word(undefined, false)], undefined, 'false'],
    ['nothing', [], undefined, undefined],
  ])('have the outcome of a file: %s', (_, outcomes, outcome, changed) => {
    expect(many(outcomes)).toMatchObject({ outcome, changed });
  });

  describe('the outputs of a plan', () => {
    const create = planned(desired('New', [BERLIN]), {});
    const change = planned(wanted, { share: live(NAME), recipients: [recipient(BERLIN)] });
    const rename = planned(desired('Next', [BERLIN], { shareId: live(NAME).id }), {
      share: live(NAME),
      recipients: [recipient(BERLIN)],
    });
    const replace = planned(desired(NAME, 'organization'), there, { replace: true });
    const refused = planned(desired(NAME, 'organization'), there);
    const gone = planned(desired(NAME, [], { state: 'absent' }), there);
    const extra = planned(desired(NAME, [BERLIN]), there);
    const same = planned(wanted, there);
    const kept = planned(wanted, { share: live(NAME), recipients: [] }, { ifExists: 'keep' });
    const { plan: _, outcome: __, ...unplanned } = { ...same, problems: [refusal] };
    test.each<[string, ShareOutcome[], (string | undefined)[]]>([
      ['nothing', [same], ['0', '0', '0']],
      ['only unlisted items', [same, extra], ['0', '0', '0']],
      ['two new shares', [create, create, same], ['2', '0', '0']],
      ['a change, a rename and a replacement', [change, rename, replace], ['0', '3', '0']],
      ['a deletion', [gone, same], ['0', '0', '1']],
      ['a refused share, which counts as drift only', [refused, create], ['1', '0', '0']],
      ["a share that isn't compared", [kept], ['0', '0', '0']],
      ["a share that isn't compared, and a change", [kept, change], ['0', '1', '0']],
      ["a share that couldn't be planned", [unplanned, same], [undefined, undefined, undefined]],
      ['no share', [], [undefined, undefined, undefined]],
    ])('count the shares to create, update and delete: %s', (_, outcomes, [create, update, remove]) => {
      expect(many(outcomes, 'plan')).toMatchObject({
        'to-create': create,
        'to-update': update,
        'to-delete': remove,
      });
      // Only a plan has numbers.
      expect(many(outcomes)).toMatchObject({ 'to-create': undefined, 'to-update': undefined, 'to-delete': undefined });
    });

    test('use one key for accounts, whatever key the workflow wrote', () => {
      const items = [{ account_id: LYON }, { recipient_account_id: BERLIN }];
      const accounts = planned(desired(NAME, [], { recipients: items, target: 'account' }), {});
      expect(many([accounts], 'plan').plan?.shares[0]?.recipients.add).toEqual([
        { account_id: LYON },
        { account_id: BERLIN },
      ]);
      expect(many([replace], 'plan').plan?.shares[0]?.recipients.add).toEqual([{ organization_id: ORGANIZATION }]);
      const nobody = planned(desired(NAME, 'organization'), {});
      expect(many([nobody], 'plan').plan?.shares[0]?.recipients.add).toEqual([{}]);
    });
  });

  test.each<[ShareOutcome['drift'][], string | undefined]>([
    [[false, false], 'false'],
    [[false, true, undefined], 'true'],
    [[false, undefined], undefined],
    [[], undefined],
  ])('combine the drift of all shares (%j: %s)', (drifts, drift) => {
    const outcomes = drifts.map((each) => ({ ...done, ...(each === undefined ? {} : { drift: each }) }));
    expect(many(outcomes).drift).toBe(drift);
    expect(many(outcomes, 'plan').drift).toBe(drift);
    expect(many(outcomes, 'delete').drift).toBeUndefined();
  });

  describe('the output failure-reason', () => {
    const at = (...kinds: Problem['kind'][]): ShareOutcome =>
      planned(wanted, there, { problems: kinds.map((kind) => ({ message: 'no', ...(kind ? { kind } : {}) })) });
    test.each<[string, ShareOutcome[], Partial<Report>, boolean, string | undefined]>([
      ['no failure', [at()], {}, false, undefined],
      ['a job cancelled after everything was done', [at()], {}, true, undefined],
      ['a cancelled job', [at('cloudflare')], {}, true, 'cancelled'],
      ['invalid inputs', [], { inputProblems: [{ message: 'no' }] }, false, 'inputs'],
      [
        'a missing reviewed plan',
        [],
        { inputProblems: [{ message: 'no', kind: 'not-reviewed' }] },
        false,
        'not-reviewed',
      ],
      ['a GitHub error', [], { inputProblems: [{ message: 'no', kind: 'github' }] }, false, 'github'],
      ['a step that was not reviewed', [at('not-reviewed', 'refusal')], {}, false, 'not-reviewed'],
      ['a refused plan', [at('drift'), planned(desired(NAME, 'organization'), there)], {}, false, 'refused'],
      ['a Cloudflare error', [at('drift', undefined)], {}, false, 'cloudflare'],
      ['drift and a bug', [at('internal', 'drift')], {}, false, 'drift'],
      ['a bug', [at('internal')], {}, false, 'internal'],
      ["a plan file that can't be written", [at()], { unwritten: { message: 'no' } }, false, 'inputs'],
    ])('tells the cause: %s', (_, outcomes, more, isCancelled, reason) => {
      const of = report('apply', outcomes, { source: CONFIG, ...more });
      expect(outputsOf(of, { ...ending, isCancelled })['failure-reason']).toBe(reason);
    });
  });

  test('include the name of a share that is given by its id', () => {
    expect(one({ name: '' }).shares).toMatchObject([{ name: NAME }]);
    const { share: _, ...unknown } = done;
    expect(many([{ ...unknown, name: '' }]).shares).toMatchObject([{ name: NAME }]);
  });

  test("include the share's id as soon as it is known", async () => {
    const { outputs } = await inStep(() => {
      setShareId(OWNER);
      setUnchanged('exported', '/report.md');
    });
    expect(outputs).toEqual({
      'share-id': OWNER,
      outcome: 'exported',
      changed: 'false',
      'report-file': '/report.md',
    });
    expect((await inStep(() => void setUnchanged(undefined, undefined, 'refused'))).outputs).toEqual({
      changed: 'false',
      'failure-reason': 'refused',
    });
    expect((await inStep(setBroken)).outputs).toEqual({ 'failure-reason': 'internal' });
  });

  test('are left unset, with a warning, if they are too large', async () => {
    // Each output fits alone, but not together with the others.
    const resources = Array.from({ length: 1_000 }, (_, i) => policy(idOf(`policy ${i}`), { note: 'n'.repeat(100) }));
    const big = applied(planned(desired(NAME, [BERLIN], { resources }), {}), {
      outcome: 'created',
      share: live(NAME, { resources }),
    });
    const { outputs, warnings, summary } = await runReport(report('apply', [big]));
    expect(outputs['share-id']).toBeTruthy();
    expect(outputs['report-file']).toBeTruthy();
    expect(JSON.parse(outputs['resource-ids'] ?? '[]')).toHaveLength(1_000);
    expect(outputs.share).toBeUndefined();
    expect(warnings.join()).toMatch(/The output share is not set/);
    const characters = Object.values(outputs).reduce((sum, text) => sum + text.length, 0);
    expect(2 * characters).toBeLessThanOrEqual(1024 * 1024); // as GitHub counts them
    expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024);
  });
});
