// Whether anything differs is decided once, so a run's log, last line, headline and table can't contradict each other.

import { describe, expect, test } from '@jest/globals';
import type { Report } from '../../src/report/contents.ts';
import { announcePlan } from '../../src/report/log.ts';
import { renderReport } from '../../src/report/markdown.ts';
import { changeLines } from '../../src/report/plan-lines.ts';
import { driftsOf } from '../../src/report/problems.ts';
import type { ShareOutcome } from '../../src/share/outcome.ts';
import type { SharePlan } from '../../src/share/plan.ts';
import { read } from './reader.ts';
import { inStep, runReport } from './run-report.ts';
import {
  applied,
  BERLIN,
  CONFIG,
  desired,
  LYON,
  live,
  NAMES,
  OWNER,
  PARIS,
  planned,
  policy,
  recipient,
  report,
  VIENNA,
} from './values.ts';

const NAME = 'Gateway baseline';
const there = { share: live(NAME), recipients: [recipient(BERLIN)] };
const wanted = desired(NAME, [BERLIN]);

describe('the log, the last line, the headline and the table', () => {
  test.each<[string, ShareOutcome]>([
    ['in sync', planned(wanted, there)],
    ['left unchanged (if-exists: keep)', planned(desired(NAME, [BERLIN, LYON]), there, { ifExists: 'keep' })],
    ['already gone', planned(desired(NAME, [], { state: 'absent' }), {})],
  ])('all say "%s"', async (words, outcome) => {
    const { lines: group } = await inStep(() =>
      announcePlan({ ...outcome, plan: outcome.plan as SharePlan }, { names: NAMES, accountId: OWNER }, false),
    );
    expect(group[0]).toBe(`::group::Plan for "${NAME}": ${words}`);
    const { lines, summary } = await runReport(report('plan', [outcome]));
    expect(lines.at(-1)).toBe(`Share "${NAME}": ${words}. Nothing was changed (mode: plan).`);
    expect(read(summary).lines[0]).toBe(`No change: the share is ${words}. Nothing was changed.`);
    const done = await runReport(report('apply', [{ ...outcome, outcome: 'unchanged', changed: false }]));
    expect(done.lines.at(-1)).toContain(words);
    const many = read(
      renderReport(report('plan', [outcome], { source: CONFIG }), { bytesMax: 65_000, details: false }),
    );
    expect(many.lines).toContain(`⚪ 1 share ${words}: ${NAME}`);
  });
});

describe('a plan shows everything that a reviewer approves', () => {
  const show = (outcome: ShareOutcome): string[] =>
    changeLines(outcome.plan as SharePlan, { names: NAMES, accountId: OWNER });

  test('including the meta and the foreign owner of an added resource', () => {
    const foreign = { ...policy(undefined, { open: true }), resource_account_id: VIENNA };
    expect(show(planned(desired(NAME, [BERLIN], { resources: [foreign] }), {})).at(-1)).toBe(
      `+   resource gateway-policy Block malware (${foreign.resource_id}) of account Vienna office (${VIENNA}) with meta {"open":true}`,
    );
  });

  test('including the foreign owner of an updated resource', () => {
    const before = { ...policy(undefined, { priority: 1 }), resource_account_id: VIENNA };
    const after = { ...before, meta: { priority: 2 } };
    const outcome = planned(desired(NAME, [BERLIN], { resources: [after] }), {
      ...there,
      share: live(NAME, { resources: [before] }),
    });
    expect(show(outcome)).toEqual([
      `~   resource gateway-policy Block malware (${before.resource_id}) of account Vienna office (${VIENNA}): meta {"priority":1} -> {"priority":2}`,
    ]);
  });

  test('except an owner and a meta that are obvious', () => {
    expect(show(planned(wanted, {})).at(-1)).toMatch(/^\+ {3}resource gateway-policy Block malware \(\w+\)$/);
  });
});

test('drift in an unlisted share is reported for the file, whether the share is kept or deleted', () => {
  const unlisted = desired('By hand', [], { state: 'absent', unlisted: true, placeOf: () => ({ label: 'shares' }) });
  const problems = [{ message: 'differs', kind: 'drift' as const }];
  const source = { ...CONFIG, complete: true };
  const drift = (prune: boolean) =>
    driftsOf(report('plan', [planned(unlisted, there, { prune, problems })], { source })).map(({ problem }) => problem);
  const place = { label: '', file: '.cloudflare/shares.yml' };
  expect(drift(false)).toMatchObject([
    { message: expect.stringMatching(/^Drift: a share that the file does not list\. /), place },
  ]);
  expect(drift(true)).toMatchObject([
    { message: expect.stringMatching(/^Drift: a share that the file does not list; to delete/), place },
  ]);
});

test('a share without a name is named by its id', () => {
  const { plan: _, outcome: __, ...unplanned } = planned(desired('', [], { shareId: OWNER }), {});
  const of = (mode: Report['mode'], more: Partial<Report> = {}) =>
    read(renderReport(report(mode, [], { source: { kind: 'inputs' }, ...more }), { bytesMax: 9_000, details: false }))
      .heading;
  expect(of('plan', { outcomes: [{ ...unplanned, name: '' }] })).toBe(`No plan for share ${OWNER}`);
  expect(of('plan', { share: { name: '', shareId: OWNER } })).toBe(`No plan for share ${OWNER}`);
  expect(of('plan')).toBe('No plan for a share');
});

test('a diagram omits removed accounts, and a plan has no diagram', () => {
  const came = applied(planned(desired(NAME, [BERLIN, PARIS]), there), {
    outcome: 'updated',
    recipients: [recipient(BERLIN), recipient(LYON, 'disassociated'), recipient(PARIS, 'associating')],
  });
  const diagramsOf = (of: Report) => read(renderReport(of, { bytesMax: 1_000_000, details: true })).diagrams;
  const [diagram] = diagramsOf(report('apply', [came]));
  expect(diagram).toContain('Paris office');
  expect(diagram).not.toContain('Lyon office');
  const waiting = { ...there, recipients: [recipient(BERLIN, 'associating')] };
  const plan = report('plan', [planned(desired(NAME, [BERLIN, PARIS]), waiting)]);
  expect(diagramsOf(plan)).toEqual([]);
  expect(renderReport(plan, { bytesMax: 9_000, details: true })).toContain(
    'Before this plan is applied, 0 of 1 recipient is associated so far',
  );
});
