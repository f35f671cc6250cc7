// The words of the report, which pure functions return: sentences, counts, problems, the last line and a plan's lines.

import { describe, expect, test } from '@jest/globals';
import type { Report } from '../../src/report/contents.ts';
import { extrasLines, extrasNotice, extrasOf } from '../../src/report/extras.ts';
import { title } from '../../src/report/headline.ts';
import { lastLine } from '../../src/report/last-line.ts';
import { associationWords, sentence } from '../../src/report/outcome-words.ts';
import { consequences, planLines } from '../../src/report/plan-lines.ts';
import { annotationOf, driftsOf, failuresOf, unrepeated, warningsOf } from '../../src/report/problems.ts';
import { DIAGRAM_RECIPIENTS_MAX, diagram } from '../../src/report/recipients.ts';
import { code } from '../../src/report/text.ts';
import { problemsOf, resultOf, type ShareOutcome } from '../../src/share/outcome.ts';
import type { Problem } from '../../src/share/problem.ts';
import type { Step, Steps } from '../../src/share/steps.ts';
import { plan, there, thereResource } from '../share/values.ts';
import {
  adding,
  applied,
  BERLIN,
  CONFIG,
  desired,
  exclusion,
  idOf,
  LYON,
  live,
  NAMES,
  OWNER,
  PARIS,
  POLICY,
  planned,
  policy,
  REPORTS,
  RULESET,
  recipient,
  report,
  ruleset,
  STAGING,
  STRANGER,
} from './values.ts';

const NAME = 'Gateway baseline';
const share = live(NAME);
const ID = share.id;
const reportOf = (name: string): Report => REPORTS[name] as Report;
const wanted = desired(NAME, [BERLIN, LYON]);
const inputs = { kind: 'inputs' } as const;
const steps = (done: Step[], notDone: Step[] = [], notKnown: Step[] = []): Steps => ({ done, notDone, notKnown });
const creating = (name: string): Step => ({ kind: 'create', name });
const failed = (name: string, message: string, of: Partial<ShareOutcome> = {}): ShareOutcome =>
  planned(desired(name, [BERLIN]), {}, { problems: [{ message }], ...of });

/** A share that was planned, but whose plan was not applied. */
const notReached = (name: string): ShareOutcome => {
  const { outcome: _, ...unreached } = planned(desired(name, [BERLIN]), {}, { changed: false });
  return unreached;
};

describe('the last line', () => {
  const create = (name: string): ShareOutcome =>
    applied(planned(desired(name, [BERLIN]), {}), {
      outcome: 'created',
      steps: steps([{ kind: 'create', name, shareId: idOf(name) }]),
    });
  test.each<[string, Report, string]>([
    ['for one share', report('apply', [create(NAME)]), `Share "${NAME}" was created.`],
    [
      'for one plan',
      report('plan', [planned(wanted, { share, recipients: [recipient(BERLIN)] })]),
      `Share "${NAME}": 1 recipient to add. Nothing was changed (mode: plan).`,
    ],
    [
      'for one plan without changes',
      report('plan', [planned(wanted, { share, recipients: [recipient(BERLIN), recipient(LYON)] })]),
      `Share "${NAME}": in sync. Nothing was changed (mode: plan).`,
    ],
    [
      "for a plan to delete a share that doesn't exist",
      report('plan', [planned(desired(NAME, [], { state: 'absent' }), {})]),
      `Share "${NAME}": already gone. Nothing was changed (mode: plan).`,
    ],
    ['for many shares', report('apply', [create('A'), create('B')]), '2 shares: 2 created.'],
    [
      'for a plan of many shares',
      report('plan', [planned(desired('A', [BERLIN]), {}), planned(desired('B', [BERLIN]), {})]),
      '2 shares: 2 to create. Nothing was changed (mode: plan).',
    ],
    [
      'for a plan with a replacement',
      report('plan', [
        planned(desired('A', 'organization'), { share: live('A'), recipients: [] }, { replace: true }),
        planned(desired('B', [BERLIN]), {}),
      ]),
      '2 shares: 1 to replace, 1 to create. Nothing was changed (mode: plan).',
    ],
    [
      'for shares that are not in the file',
      report('apply', [
        create('A'),
        planned(desired('C', [], { state: 'absent', unlisted: true }), { share: live('C') }, { outcome: 'unchanged' }),
      ]),
      '2 shares: 1 created, 1 not in the file.',
    ],
    ['for no shares', report('apply', [], { source: CONFIG }), '0 shares: nothing was done.'],
    [
      'for invalid inputs',
      reportOf('broken file'),
      '2 problems with the inputs. Nothing was sent to Cloudflare, and nothing was changed.',
    ],
    [
      'for a run without its reviewed plan',
      report('apply', [], { inputProblems: [{ message: 'no', kind: 'not-reviewed' }] }),
      'There is no reviewed plan to apply. Nothing was sent to Cloudflare, and nothing was changed.',
    ],
    [
      "for a run that can't look up names",
      report('apply', [], { inputProblems: [{ message: 'no', kind: 'cloudflare' }], lookedUp: true }),
      "Names can't be looked up. Nothing was changed.",
    ],
    [
      "for a run with a name that doesn't exist",
      report('apply', [], { inputProblems: [{ message: 'no', kind: 'inputs' }], lookedUp: true }),
      '1 problem with the inputs. Nothing was changed.',
    ],
    [
      'for a run with two kinds of problems',
      report('apply', [], {
        inputProblems: [
          { message: 'no', kind: 'inputs' },
          { message: 'no', kind: 'cloudflare' },
        ],
        lookedUp: true,
      }),
      '2 problems with the inputs. Nothing was changed.',
    ],
    [
      "for a run that can't read its reviewed plan",
      report('apply', [], { inputProblems: [{ message: 'no', kind: 'github' }] }),
      'There is no reviewed plan to apply. Nothing was sent to Cloudflare, and nothing was changed.',
    ],
    [
      'for a run that was cancelled before planning',
      report('apply', [], { inputProblems: [{ message: 'no', kind: 'cancelled' }], lookedUp: true }),
      'The job was cancelled. Nothing was changed.',
    ],
    [
      'for a share that failed',
      report('apply', [failed(NAME, 'no', { steps: steps([adding(LYON)], [adding(STRANGER)]) })]),
      `Done: add recipient Lyon office (${LYON}). Not done: add recipient ${STRANGER}.`,
    ],
    [
      'for a share with an unknown result',
      report('apply', [failed(NAME, 'no', { steps: steps([], [], [creating(NAME)]) })]),
      `Done: nothing. Not known: create share "${NAME}" - it may have taken effect; run again to finish.`,
    ],
    [
      'for a share that another run would create twice',
      report('apply', [failed(NAME, 'no', { steps: steps([], [], [creating(NAME)]) })], { ifExists: 'create-new' }),
      `Done: nothing. Not known: create share "${NAME}" - it may have taken effect; check before you run again.`,
    ],
    [
      'for many shares of which one failed',
      report('apply', [create('Good'), failed('Bad', 'no', { steps: steps([], [creating('Bad'), adding(BERLIN)]) })]),
      `2 shares: 1 created; failed: "Bad". Done: create share "Good" (${idOf('Good')}). Not done: create share "Bad"; "Bad": add recipient Berlin office (${BERLIN}).`,
    ],
    [
      'for shares that were not reached, because another one failed',
      report('apply', [failed('Bad', 'no'), notReached('Old'), notReached('Older')]),
      '3 shares: nothing was done; failed: "Bad"; not reached: "Old", "Older". Done: nothing.',
    ],
    [
      "for changes that can't be made",
      reportOf('refused'),
      '2 shares: 1 to update; can\'t be changed: "Gateway baseline". Done: nothing.',
    ],
    [
      'for drift',
      reportOf('drift'),
      '3 shares: 2 without change (1 with unlisted items), 1 not in the file; drift: "Gateway baseline", "Made by hand". Nothing was changed (mode: plan).',
    ],
    [
      'for drift of a missing share',
      report('plan', [planned(wanted, {}, { problems: [{ message: 'x', kind: 'drift' }] })]),
      `Share "${NAME}": the share does not exist; to create, 2 recipients to add, 1 resource to add. Nothing was changed (mode: plan).`,
    ],
    [
      'for drift of a share that should be absent',
      report('plan', [
        planned(desired(NAME, [], { state: 'absent' }), { share }, { problems: [{ message: 'x', kind: 'drift' }] }),
      ]),
      `Share "${NAME}": the share still exists; to delete. Nothing was changed (mode: plan).`,
    ],
    [
      'for drift of one share',
      report('plan', [
        planned(
          wanted,
          { share, recipients: [recipient(BERLIN), recipient(LYON), recipient(PARIS)] },
          { problems: [{ message: 'x', kind: 'drift' }] },
        ),
      ]),
      `Share "${NAME}": 1 recipient that the inputs do not list. Nothing was changed (mode: plan).`,
    ],
  ])('states the result %s', (_, of, line) => expect(lastLine(of)).toBe(line));

  test('names the first twenty steps of each kind and counts the rest', () => {
    const many = Array.from({ length: 25 }, (_, i) =>
      failed(`Share ${i}`, 'no', { steps: steps([], [creating(`Share ${i}`)]) }),
    );
    const line = lastLine(report('apply', many));
    expect(line).toMatch(/Not done: create share "Share 0"; .*create share "Share 19"; and 5 more\.$/);
  });
});

describe('the line about a share', () => {
  const withoutShare = ({ share: _, ...outcome }: ShareOutcome): ShareOutcome => outcome;
  const plan = planned(wanted, { share, recipients: [recipient(BERLIN)] });
  test.each<[string, ShareOutcome, string, string]>([
    ['planned', plan, 'update', `Share "${NAME}": 1 recipient to add`],
    ['updated', applied(plan, { outcome: 'updated' }), 'updated', `Share "${NAME}" (${ID}) was updated`],
    [
      'partly updated',
      applied(plan, { outcome: 'updated', problems: [{ message: 'no' }] }),
      'failed',
      `Share "${NAME}" (${ID}) was partly updated`,
    ],
    ['failed', { ...plan, outcome: 'planned', problems: [{ message: 'no' }] }, 'failed', `Share "${NAME}" failed`],
    [
      'refused',
      planned(wanted, { share: live(NAME, { target: 'organization' }) }),
      'refused',
      `Share "${NAME}" can't be replaced`,
    ],
    [
      'refused, with nothing to change',
      planned(desired(NAME, [BERLIN]), { share, recipients: [recipient(BERLIN)] }, { ifExists: 'fail' }),
      'refused',
      `Share "${NAME}" was left unchanged`,
    ],
    [
      'failed after its deletion',
      { ...plan, outcome: 'deleted', problems: [{ message: 'no' }] },
      'failed',
      `Share "${NAME}" (${ID}) was deleted, but not every step was done`,
    ],
    [
      'partly updated, with an unknown id',
      { ...withoutShare(plan), outcome: 'updated', problems: [{ message: 'no' }] },
      'failed',
      `Share "${NAME}" was partly updated`,
    ],
    [
      'replaced by an unknown share',
      {
        ...withoutShare(
          planned(desired(NAME, 'organization'), { share, recipients: [recipient(BERLIN)] }, { replace: true }),
        ),
        outcome: 'updated',
      },
      'replaced',
      `Share "${NAME}" was replaced`,
    ],
    ['unchanged', { ...plan, outcome: 'unchanged' }, 'unchanged', `Share "${NAME}" (${ID}) is unchanged`],
    [
      'refused, with something to change',
      planned(wanted, { share, recipients: [recipient(BERLIN)] }, { ifExists: 'fail' }),
      'refused',
      `Share "${NAME}" can't be updated`,
    ],
    [
      'refused before it is created',
      planned(wanted, {}, { refusal: 'no' }),
      'refused',
      `Share "${NAME}" can't be created`,
    ],
    [
      'refused before it is deleted',
      planned(desired(NAME, [], { state: 'absent' }), { share }, { refusal: 'no' }),
      'refused',
      `Share "${NAME}" can't be deleted`,
    ],
    [
      'unlisted',
      planned(desired(NAME, [], { state: 'absent', unlisted: true }), { share }, { outcome: 'unchanged' }),
      'unlisted',
      `Share "${NAME}": not in the file`,
    ],
    [
      'not reached',
      { desired: wanted, name: NAME, changed: undefined, problems: [], warnings: [], steps: steps([]) },
      'not done',
      `Share "${NAME}": nothing was done`,
    ],
    [
      'deleted',
      applied(planned(desired(NAME, [], { state: 'absent' }), { share }), {
        outcome: 'deleted',
        share: live(NAME, { status: 'deleted' }),
      }),
      'deleted',
      `Share "${NAME}" (${ID}) was deleted`,
    ],
    [
      'deleted, with an unknown id',
      { ...withoutShare(planned(desired(NAME, [], { state: 'absent' }), { share })), outcome: 'deleted' },
      'deleted',
      `Share "${NAME}" was deleted`,
    ],
  ])('describes the result of a share: %s', (_, outcome, result, words) => {
    expect(resultOf(outcome)).toBe(result);
    expect(sentence(outcome, inputs)).toBe(words);
  });

  const error = (terminal: boolean) => ({ error: 'Recipient is missing necessary entitlement', terminal });
  test.each([
    ['recipients were not read', undefined, undefined, ''],
    ['no recipients', [], undefined, ''],
    ['one', [recipient(BERLIN)], undefined, 'The recipient is associated'],
    [
      'everyone, after a wait',
      [recipient(BERLIN), recipient(LYON)],
      4_200,
      'Both recipients are associated; that took 4.2 s',
    ],
    [
      'everyone, after minutes',
      [recipient(BERLIN), recipient(LYON)],
      185_000,
      'Both recipients are associated; that took 3 min 5 s',
    ],
    [
      'one of two',
      [recipient(BERLIN), recipient(LYON, 'associating')],
      undefined,
      '1 of 2 recipients is associated so far',
    ],
    [
      'two of three',
      [recipient(BERLIN), recipient(LYON), recipient(PARIS, 'associating')],
      undefined,
      '2 of 3 recipients are associated so far',
    ],
    ['after ten seconds', [recipient(BERLIN)], 10_000, 'The recipient is associated; that took 10 s'],
    ['after two minutes', [recipient(BERLIN)], 120_000, 'The recipient is associated; that took 2 min 0 s'],
    [
      'a permanent error, and one that is pending',
      [recipient(BERLIN), recipient(LYON, 'associating', error(true)), recipient(PARIS, 'associating')],
      undefined,
      '1 of 3 recipients is associated so far, 1 failed permanently',
    ],
    [
      'a permanent error',
      [recipient(BERLIN), recipient(LYON, 'associating', error(true))],
      undefined,
      '1 of 2 recipients is associated, 1 failed permanently',
    ],
    [
      'a temporary error',
      [recipient(BERLIN), recipient(LYON, 'associating', error(false))],
      undefined,
      '1 of 2 recipients is associated so far',
    ],
    [
      'without removed recipients',
      [recipient(BERLIN), recipient(LYON, 'disassociated')],
      undefined,
      'The recipient is associated',
    ],
  ])('includes the progress of association: %s', (_, recipients, waitedMs, words) => {
    expect(
      associationWords({
        ...plan,
        ...(recipients ? { recipients } : {}),
        ...(recipients ? {} : { recipients: undefined as never }),
        ...(waitedMs ? { waitedMs } : {}),
      }),
    ).toBe(words);
  });
});

describe('the problems of a run', () => {
  const ray = (n: number): string =>
    `Cloudflare refused to list shares: HTTP 503: no reason given [CF-Ray 8f2b3c4d5e6f7a8${n}-FRA]`;
  test('with one cause are merged, whatever their Ray IDs, and sorted by frequency', () => {
    const of = report('apply', [
      failed('A', 'its own'),
      failed('B', ray(1)),
      failed('C', ray(2)),
      failed('D', ray(3)),
      failed('E', ray(4)),
      failed('F', ray(5)),
    ]);
    expect(failuresOf(of).map((found) => annotationOf(found, { source: CONFIG }).message)).toEqual([
      `"B", "C", "D" and 2 others: ${ray(1)}`,
      '"A": its own',
    ]);
  });

  test('at different places are separate, and those at one place are merged', () => {
    const at = (line: number): Problem => ({
      message: 'is refused',
      place: { label: `shares[${line}]`, file: CONFIG.kind, line },
    });
    const of = report('apply', [
      planned(wanted, {}, { problems: [at(1), at(1)] }),
      planned(desired('B', [BERLIN]), {}, { problems: [at(2)] }),
    ]);
    expect(failuresOf(of)).toHaveLength(2);
    const withoutLines = ['shares[0]', 'shares[1]'].map((label) =>
      planned(wanted, {}, { problems: [{ message: 'is refused', place: { label } }] }),
    );
    expect(failuresOf(report('apply', withoutLines))).toHaveLength(2);
    expect(unrepeated([at(1), at(2), at(1)])).toHaveLength(2);
    expect(
      warningsOf({ ...of, outcomes: of.outcomes.map((outcome) => ({ ...outcome, warnings: [{ message: 'mind' }] })) }),
    ).toHaveLength(1);
  });

  test("show names next to ids, but not inside the share's name", () => {
    const name = `for ${BERLIN}`;
    const [found] = failuresOf(
      report('apply', [failed(name, `Share "${name}": Cloudflare refused to add recipient ${BERLIN}`)]),
    );
    expect(found?.problem.message).toBe(
      `Share "${name}": Cloudflare refused to add recipient Berlin office (${BERLIN})`,
    );
  });

  test('of three shares name all of them', () => {
    const of = report(
      'apply',
      ['A', 'B', 'C'].map((name) => failed(name, 'no')),
    );
    expect(failuresOf(of).map((found) => annotationOf(found, of).message)).toEqual(['"A", "B", "C": no']);
  });

  test('include a repeated refusal once', () => {
    const refused = planned(wanted, { share: live(NAME, { target: 'organization' }) });
    expect(problemsOf(refused)).toHaveLength(1);
    expect(problemsOf({ ...refused, problems: [] })).toEqual([
      { message: expect.stringContaining('targets the organization'), kind: 'refusal', place: expect.anything() },
    ]);
  });

  test('do not include drift, which is reported with the differences', () => {
    const of = reportOf('drift');
    expect(failuresOf(of)).toEqual([]);
    expect(driftsOf(of).map(({ problem }) => problem.message)).toEqual([
      `Drift: 1 recipient and 1 resource that the file does not list: recipient ${STRANGER}; resource custom-ruleset Baseline WAF (${RULESET}). Nothing was changed (mode: plan)`,
      'Drift: a share that the file does not list. Nothing was changed (mode: plan)',
    ]);
    expect(driftsOf(of)[1]?.problem.place).toEqual({ label: '', file: '.cloudflare/shares.yml' });
  });
});

describe('the notice about unlisted items', () => {
  const extra = (name: string, ...accounts: string[]): ShareOutcome =>
    planned(desired(name, [BERLIN]), {
      share: live(name),
      recipients: [BERLIN, ...accounts].map((id) => recipient(id)),
    });
  test('says how to remove them', () => {
    expect(extrasNotice(extrasOf([extra(NAME, LYON)], NAMES), inputs)).toEqual({
      message: `Not listed, left unchanged: 1 recipient that the inputs do not list: recipient Lyon office (${LYON}) of share "${NAME}". To remove them, set prune: true`,
    });
  });

  test('names a share once, even if it has the item twice', () => {
    expect(extrasLines(extrasOf([extra(NAME, LYON, LYON)], NAMES)).slice(1)).toEqual([
      expect.stringMatching(/of share "[^"]*"$/),
    ]);
  });

  test('does not name each of fifty items', () => {
    const fifty = Array.from({ length: 50 }, (_, i) => idOf(`account ${i}`));
    const notice = extrasNotice(extrasOf([extra(NAME, ...fifty)], NAMES), CONFIG);
    expect(notice?.message).toMatch(
      /^Not listed, left unchanged: 50 recipients that the file does not list: (recipient \w+ of share "Gateway baseline"; ){5}and 45 more\. To/,
    );
    expect(notice?.place).toMatchObject({ file: '.cloudflare/shares.yml' });
  });

  test('counts the items of each kind', () => {
    const { outcomes, source } = reportOf('drift');
    const unlisted = extrasOf(outcomes.slice(2), NAMES);
    expect(extrasNotice(unlisted, source)).toEqual({
      message: `Not listed, left unchanged: 1 share that the file does not list: share "Made by hand" (${idOf('share Made by hand')}). To remove them, set prune: true`,
      place: { label: '', file: '.cloudflare/shares.yml' },
    });
    expect(extrasLines(unlisted)).toEqual([
      'Not listed, left unchanged:',
      `  share "Made by hand" (${idOf('share Made by hand')})`,
    ]);
    const organization = planned(desired('Everywhere', 'organization', { exclude: [] }), {
      share: live('Everywhere', { target: 'organization' }),
      exclusions: [exclusion(STAGING)],
    });
    expect(extrasNotice(extrasOf([...outcomes, organization], NAMES), source)?.message).toMatch(
      /^Not listed, left unchanged: 1 share, 1 recipient, 1 resource and 1 exclusion that/,
    );
    expect(extrasNotice(extrasOf([planned(wanted, {})], NAMES), inputs)).toBeUndefined();
  });
});

test('the lines of a plan start with removals and show names next to ids', () => {
  const before = live(`Old ${BERLIN}`, {
    resources: [
      policy(POLICY, { for: BERLIN }),
      { ...ruleset('00000000000000000000000000000001'), resource_account_id: STRANGER, meta: { a: 1 } },
    ],
  });
  const { plan } = planned(
    desired(`New ${BERLIN}`, [BERLIN, PARIS], {
      shareId: before.id,
      resources: [policy(POLICY, { for: LYON }), ruleset()],
    }),
    { share: before, recipients: [recipient(BERLIN), recipient(LYON)] },
    { prune: true },
  );
  expect(planLines(plan as NonNullable<typeof plan>, { names: NAMES, accountId: OWNER })).toEqual([
    `~ share "New ${BERLIN}": update (${before.id})`,
    '! takes the share from 1 recipient',
    '! takes 1 resource from every recipient',
    `~   name "Old ${BERLIN}" -> "New ${BERLIN}"`,
    `-   recipient Lyon office (${LYON})`,
    '-   resource custom-ruleset 00000000000000000000000000000001',
    `+   recipient Paris office (${PARIS})`,
    `+   resource custom-ruleset Baseline WAF (${RULESET})`,
    `~   resource gateway-policy Block malware (${POLICY}): meta {"for":"${BERLIN}"} -> {"for":"${LYON}"}`,
  ]);
});

test("a plan's lines say that the plan completes an interrupted run", () => {
  const unfinished = { ...live(`${NAME} [creating 0123456789ab]`), id: ID };
  const { plan } = planned(desired(NAME, [BERLIN], { shareId: ID }), {
    share: unfinished,
    recipients: [recipient(BERLIN)],
  });
  expect(planLines(plan as NonNullable<typeof plan>, { names: NAMES, accountId: OWNER })).toContain(
    `~   name "${NAME} [creating 0123456789ab]" -> "${NAME}" (an interrupted run created this share)`,
  );
});

test.each([
  [
    'a share with the organization',
    planned(desired(NAME, 'organization'), {}),
    ['shares with every account of the organization'],
  ],
  [
    'a share with a named organization',
    planned(desired(NAME, [], { recipients: [{ organization_id: OWNER }], target: 'organization' }), {}),
    [`shares with every account of organization Head office (${OWNER})`],
  ],
  [
    'a new share with exclusions',
    planned(desired(NAME, 'organization', { exclude: [{ account_id: STAGING }] }), {}),
    [
      'shares with every account of the organization',
      '1 excluded account can briefly see the new share, because the API can exclude accounts only from an existing share',
    ],
  ],
  [
    'a deletion',
    planned(desired(NAME, [], { state: 'absent' }), { share }),
    ['deletes the share: its recipients lose what it shares'],
  ],
  [
    'a replacement',
    planned(desired(NAME, [BERLIN]), { share: live(NAME, { target: 'organization' }) }, { replace: true }),
    [`creates a new share and deletes ${ID}: its recipients get everything again, from the new share`],
  ],
])('the log warns about far-reaching changes: %s', (_, { plan }, cautions) => {
  expect(
    planLines(plan as NonNullable<typeof plan>, { names: NAMES, accountId: OWNER }).filter((line) =>
      line.startsWith('! '),
    ),
  ).toEqual(cautions.map((caution) => `! ${caution}`));
});

describe('the consequences of a plan', () => {
  const items = (n: number) => Array.from({ length: n }, (_, i) => there(`a${i}`));
  const removing = (n: number) => ({ recipients: { add: [], remove: items(n), extra: [] } });
  const excluding = (add: number, remove: number) => ({
    exclusions: { add: items(add), remove: items(remove), extra: [] },
  });
  test.each<[string, Parameters<typeof plan>[0], string[]]>([
    ['nothing changes', {}, []],
    ['one recipient leaves', { action: 'update', ...removing(1) }, ['takes the share from 1 recipient']],
    ['two recipients leave', { action: 'update', ...removing(2) }, ['takes the share from 2 recipients']],
    [
      'a share with one recipient is deleted',
      { action: 'delete', ...removing(1) },
      ['deletes the share: 1 recipient loses what it shares'],
    ],
    [
      'a share with two recipients is deleted',
      { action: 'delete', ...removing(2) },
      ['deletes the share: 2 recipients lose what it shares'],
    ],
    ['a share is deleted', { action: 'delete' }, ['deletes the share: its recipients lose what it shares']],
    [
      'an account is excluded',
      { action: 'update', ...excluding(1, 0) },
      ['takes the share from 1 account of the organization'],
    ],
    [
      'exclusions end',
      { action: 'update', ...excluding(0, 1) },
      ['shares with 1 account of the organization that was excluded'],
    ],
    [
      'some accounts are excluded, and other exclusions end',
      { action: 'update', ...excluding(2, 2) },
      [
        'takes the share from 2 accounts of the organization',
        'shares with 2 accounts of the organization that were excluded',
      ],
    ],
    [
      'a new share excludes accounts',
      { action: 'create', ...excluding(2, 0) },
      [
        '2 excluded accounts can briefly see the new share, because the API can exclude accounts only from an existing share',
      ],
    ],
    [
      'exclusions of a replaced share end',
      { action: 'delete', ...excluding(0, 1) },
      ['deletes the share: its recipients lose what it shares'],
    ],
    [
      'a resource is removed',
      { action: 'update', resources: { add: [], update: [], remove: [thereResource('r')], extra: [] } },
      ['takes 1 resource from every recipient'],
    ],
    [
      'a share is deleted with its resource',
      { action: 'delete', resources: { add: [], update: [], remove: [thereResource('r')], extra: [] } },
      ['deletes the share: its recipients lose what it shares'],
    ],
    [
      'a share is replaced',
      { action: 'replace', ...removing(1) },
      ['creates a new share and deletes s1: its recipients get everything again, from the new share'],
    ],
  ])('warn only about what someone loses or gains: %s', (_, parts, words) => {
    expect(consequences(plan(parts), NAMES)).toEqual(words);
  });
});

describe('the title of a report', () => {
  const one = (mode: Report['mode'], more: Partial<Report> = {}) =>
    report(mode, [planned(desired(NAME, [BERLIN]), {})], more);
  const failed: ShareOutcome = { ...applied(planned(desired('', [BERLIN]), {}), {}), name: '', changed: false };
  test.each<[string, Report, string]>([
    ['a plan', one('plan'), '### Plan for share `Gateway baseline`'],
    ['a plan of a file', one('plan', { source: CONFIG }), '### Plan for `.cloudflare/shares.yml`'],
    ['an update', one('apply'), '### Share `Gateway baseline`'],
    ['an update of a file', one('apply', { source: CONFIG }), '### Shares of `.cloudflare/shares.yml`'],
    ['a deletion', one('delete'), '### Deletion of share `Gateway baseline`'],
    [
      'a deletion of a file',
      one('delete', { source: CONFIG }),
      '### Deletion of the shares of `.cloudflare/shares.yml`',
    ],
    ['a check', one('check'), '### Check of share `Gateway baseline`'],
    ['a check of a file', one('check', { source: CONFIG }), '### Check of `.cloudflare/shares.yml`'],
    ['an export', one('export', { source: CONFIG }), '### Export to `.cloudflare/shares.yml`'],
    ['a share without a name', report('apply', [failed]), '### A share'],
    [
      'a share by its name in the inputs',
      report('plan', [], { source: { kind: 'inputs' }, share: { name: 'X' } }),
      '### No plan for share `X`',
    ],
    [
      'a share by its id in the inputs',
      report('apply', [failed], { share: { name: '', shareId: 'abc' } }),
      '### Share `abc`',
    ],
  ])('describes %s', (_, of, words) => {
    expect(title(of)).toBe(words.replace(/`(.+)`/, (_all, name: string) => code(name)));
  });
});

describe('the diagram', () => {
  const states = ['associated', 'associating', 'disassociating', 'odd'];
  const withRecipients = (recipients: ShareOutcome['recipients'], change: object = {}): ShareOutcome =>
    applied(planned(desired(NAME, [BERLIN]), { share: { ...share, ...change } }), { recipients: recipients ?? [] });
  const drawn = (of: ShareOutcome, names = NAMES): string =>
    diagram(of, names)
      .flatMap(({ lines }) => lines)
      .join('');

  test('draws the owner, the share and its recipients in the colors of their states', () => {
    const recipients = [
      ...states.map((state, i) => recipient(`a${i}`, state)),
      recipient('gone', 'disassociated'),
      recipient(BERLIN, 'associating', { error: 'No', terminal: true }),
    ];
    expect(drawn(withRecipients(recipients)).split('\n')).toEqual([
      '```mermaid',
      'flowchart LR',
      '  owner["Head office"] --> share(["Gateway baseline"])',
      '  share --> r0["a0"]:::associated',
      '  share --> r1["a1"]:::associating',
      '  share --> r2["a2"]:::disassociating',
      '  share --> r3["a3"]:::other',
      expect.stringMatching(/^ {2}share --> r4\["Berlin office .*\]:::failed$/),
      '  classDef associated fill:#d3f3dc,stroke:#1a7f37,color:#000',
      '  classDef associating fill:#fff3c4,stroke:#9a6700,color:#000',
      '  classDef disassociating fill:#ffe2cc,stroke:#bc4c00,color:#000',
      '  classDef failed fill:#ffd7d5,stroke:#cf222e,color:#000',
      '  classDef other fill:#eee,stroke:#666,color:#000',
      '```',
    ]);
  });

  test.each<[string, object, typeof NAMES, string]>([
    ['the name that was looked up', { account_id: OWNER, account_name: 'A' }, NAMES, 'Head office'],
    ["the account's name", { account_id: OWNER, account_name: 'A' }, new Map(), 'A'],
    ["the beginning of the account's id", { account_id: 'x', account_name: undefined }, new Map(), 'x'],
    ['"owner"', { account_id: undefined, account_name: undefined }, new Map(), 'owner'],
  ])('labels the owner with %s', (_, change, names, owner) => {
    expect(drawn(withRecipients([recipient('a')], change), names)).toContain(`owner["${owner}"]`);
  });

  test('is drawn only if there is at least one recipient and not too many', () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => recipient(`a${i}`));
    const gone = recipient('gone', 'disassociated');
    const { share: _, ...unknown } = withRecipients(many(1));
    expect(
      [
        withRecipients([]),
        withRecipients([gone]),
        unknown,
        withRecipients(many(1)),
        withRecipients([...many(DIAGRAM_RECIPIENTS_MAX), gone]),
        withRecipients(many(DIAGRAM_RECIPIENTS_MAX + 1)),
      ].map((of) => diagram(of, NAMES).length),
    ).toEqual([0, 0, 0, 1, 1, 0]);
  });
});

test.each([
  ['the same key of two shares', 'shares[0].name', 'shares[1].name', 1],
  ['two keys of one share', 'shares[0].name', 'shares[0].recipients', 2],
  ['the same item of two lists', 'shares[0].recipients[0]', 'shares[1].recipients[12]', 1],
  ['a key of two items', 'shares[0].recipients[0].account_id', 'shares[0].recipients[1].account_id', 1],
])('problems at one position of a file are merged unless their last keys differ: %s', (_, first, second, n) => {
  const at = (label: string): Problem => ({ message: 'No', place: { label, file: 'f', line: 1, column: 2 } });
  expect(unrepeated([at(first), at(second)])).toHaveLength(n);
});
