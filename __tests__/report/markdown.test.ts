// The report as a reader sees it on GitHub: rendered, then searched for what is shown where.

import { describe, expect, test } from '@jest/globals';
import type { Report } from '../../src/report/contents.ts';
import { renderReport } from '../../src/report/markdown.ts';
import type { ShareOutcome } from '../../src/share/outcome.ts';
import type { Problem } from '../../src/share/problem.ts';
import type { Step } from '../../src/share/steps.ts';
import { type Read, read, references, textOf } from './reader.ts';
import {
  applied,
  BERLIN,
  branch,
  CONFIG,
  desired,
  exclusion,
  idOf,
  LYON,
  live,
  ORGANIZATION,
  PARIS,
  POLICY,
  PORTO,
  planned,
  policy,
  REPORTS,
  RULESET,
  recipient,
  report,
  ruleset,
  STAGING,
  STRANGER,
  VIENNA,
} from './values.ts';

const reportOf = (name: string): Report => REPORTS[name] as Report;
const comment = (of: Report): Read => read(renderReport(of, { bytesMax: 65_000, details: false }));
const summary = (of: Report): Read => read(renderReport(of, { bytesMax: 1_000_000, details: true }));
const both = (of: Report): Read[] => [comment(of), summary(of)];
const inOrder = (text: string, ...parts: string[]): void => {
  const at = parts.map((part) => text.indexOf(part));
  expect(at).not.toContain(-1);
  expect(at).toEqual([...at].sort((a, b) => a - b));
};
const times = (text: string, part: string): number => text.split(part).length - 1;

describe('the first lines of a report say who gains and loses what', () => {
  test('for an update', () => {
    for (const { heading, lines } of both(reportOf('update'))) {
      expect(heading).toBe('Plan for share Gateway baseline');
      expect(lines.slice(0, 4)).toEqual([
        '1 share to update; 3 recipients gain something. Nothing was changed.',
        `🟢 Gain share Gateway baseline: Paris office (${PARIS})`,
        `🟢 Gain custom-ruleset Baseline WAF (${RULESET}) of share Gateway baseline: Berlin office (${BERLIN}), Lyon office (${LYON})`,
        `🟡 See a change to gateway-policy Block malware (${POLICY}) of share Gateway baseline: Berlin office (${BERLIN}), Lyon office (${LYON})`,
      ]);
    }
  });

  test('for a file with prune, with one line for each lost or gained item, losses first', () => {
    for (const { heading, lines } of both(reportOf('prune'))) {
      expect(heading).toBe('Plan for .cloudflare/shares.yml');
      expect(lines.slice(0, 5)).toEqual([
        '1 share to delete, 1 to update, 1 without change; 1 recipient gains something, 4 recipients lose something. Nothing was changed.',
        `🔴 Lose share Gateway baseline: Lyon office (${LYON}), ${STRANGER}`,
        `🔴 Lose custom-ruleset Baseline WAF (${RULESET}) of share Gateway baseline: Berlin office (${BERLIN})`,
        `🔴 Lose share Old block page: Lyon office (${LYON}), Vienna office (${VIENNA})`,
        `🟢 Gain share Gateway baseline: Porto office (${PORTO})`,
      ]);
    }
  });

  test('for a replacement, with the accounts that get the share again on a line above the organization', () => {
    expect(comment(reportOf('replace')).lines.slice(0, 3)).toEqual([
      '1 share to replace; every account of the organization gains something. Nothing was changed.',
      `🟠 Get again share Gateway baseline: Berlin office (${BERLIN}), Lyon office (${LYON}) (from a new share)`,
      '🟢 Gain share Gateway baseline: ⚠️ every account of the organization',
    ]);
  });

  test('for exclusions, which remove access', () => {
    const { lines, diffs } = comment(reportOf('exclusions'));
    expect(lines.slice(0, 3)).toEqual([
      '1 share to update; 1 recipient gains something, 2 recipients lose something. Nothing was changed.',
      `🔴 Lose share Everywhere: Staging (${STAGING}), ${STRANGER}`,
      `🟢 Gain share Everywhere: Vienna office (${VIENNA})`,
    ]);
    expect(diffs[0]?.map((line) => line.slice(0, 24))).toEqual([
      '-   exclude account Stag',
      `-   exclude account ${STRANGER.slice(0, 4)}`,
      '+   no longer exclude ac',
    ]);
  });

  test('for completed changes, in the past tense', () => {
    const { lines } = summary(reportOf('create'));
    expect(lines.slice(0, 2)).toEqual([
      `Share "Gateway baseline" (${idOf('share Gateway baseline')}) was created; 3 recipients gained something. All 3 recipients are associated; that took 42 s.`,
      `🟢 Gained share Gateway baseline: Berlin office (${BERLIN}), Lyon office (${LYON}), Paris office (${PARIS})`,
    ]);
  });

  test.each([
    ['update', ['🟢 Gained share', '🟢 Gained custom-ruleset', '🟡 Saw a change to gateway-policy']],
    ['prune', ['🔴 Lost share', '🔴 Lost custom-ruleset', '🔴 Lost share', '🟢 Gained share']],
    ['replace', ['🟠 Got again share', '🟢 Gained share']],
  ])('in the past tense after every kind of change: %s', (name, begin) => {
    const outcomes = reportOf(name).outcomes.map((outcome) => ({ ...outcome, outcome: 'updated' as const }));
    const { lines } = comment({ ...reportOf(name), mode: 'apply', outcomes });
    const effects = lines.filter((line) => /^[🔴🟠🟢🟡] [A-Z]/u.test(line));
    expect(effects.map((line, i) => line.slice(0, begin[i]?.length))).toEqual(begin);
  });

  test('for an organization, listed above accounts, with its id and the number of exclusions', () => {
    const everywhere = desired('Everywhere', 'organization', {
      recipients: [{ organization_id: ORGANIZATION }],
      exclude: [{ account_id: STAGING }],
    });
    const of = report('plan', [planned(desired('A', [BERLIN]), {}), planned(everywhere, {})]);
    expect(comment(of).lines.slice(0, 3)).toEqual([
      '2 shares to create; 1 recipient gains something, every account of the organization except 1 gains something. Nothing was changed.',
      `🟢 Gain share Everywhere: ⚠️ every account of the organization except 1: ${ORGANIZATION}`,
      `🟢 Gain share A: Berlin office (${BERLIN})`,
    ]);
  });

  test('for recipients that were not read', () => {
    const gone = planned(desired('Gateway baseline', [], { state: 'absent' }), { share: live('Gateway baseline') });
    expect(comment(report('plan', [gone])).lines.slice(0, 2)).toEqual([
      '1 share to delete; its recipients lose something. Nothing was changed.',
      '🔴 Lose share Gateway baseline: its recipients',
    ]);
  });

  test('for several resources in one line', () => {
    const wanted = desired('Gateway baseline', [BERLIN], { resources: [policy(), ruleset(), policy('p2')] });
    const of = planned(wanted, { share: live('Gateway baseline'), recipients: [recipient(BERLIN)] });
    expect(comment(report('plan', [of])).lines[1]).toBe(
      `🟢 Gain custom-ruleset Baseline WAF (${RULESET}), gateway-policy p2 of share Gateway baseline: Berlin office (${BERLIN})`,
    );
  });

  test.each([
    [10, 10, []],
    [11, 9, ['… and 2 more lines: see each share']],
  ])('for up to ten groups of recipients (%i groups)', (groups, shown, rest) => {
    const outcomes = Array.from({ length: groups }, (_, i) => planned(desired(`Share ${i}`, [branch(i)]), {}));
    const { lines } = comment(report('plan', outcomes));
    expect(lines.filter((line) => line.startsWith('🟢 Gain'))).toHaveLength(shown);
    expect(lines.filter((line) => line.startsWith('…'))).toEqual(rest);
  });

  test('for many shares, with one line for each group of recipients', () => {
    const { lines } = comment(reportOf('300 shares'));
    expect(lines[0]).toBe(
      "12 shares to create, 12 to update, 275 without change (6 with unlisted items); 13 recipients gain something; 1 share can't be changed. Nothing was changed.",
    );
    expect(lines).toContain(`🟢 Gain share Branch 010, Branch 035, Branch 060 and 9 others: Berlin office (${BERLIN})`);
    expect(lines.filter((line) => line.startsWith('🟢'))).toHaveLength(9);
    expect(lines).toContain('… and 4 more lines: see each share');
  });
});

describe('a single sentence', () => {
  const share = live('Gateway baseline');
  const wanted = desired('Gateway baseline', [BERLIN]);
  const there = { share, recipients: [recipient(BERLIN)] };
  const gone = desired('Gateway baseline', [], { state: 'absent' });
  test.each([
    [
      'a plan without changes',
      report('plan', [planned(wanted, there)]),
      'No change: the share is in sync. Nothing was changed.',
    ],
    [
      "a plan to delete a share that doesn't exist",
      report('plan', [planned(gone, {})]),
      'No change: the share is already gone. Nothing was changed.',
    ],
    [
      'nothing to do',
      report('apply', [planned(wanted, there, { outcome: 'unchanged', changed: false })]),
      `Share "Gateway baseline" (${share.id}) is in sync and unchanged. The recipient is associated.`,
    ],
    [
      'a deletion',
      report('delete', [
        applied(planned(gone, there), { outcome: 'deleted', share: live('Gateway baseline', { status: 'deleting' }) }),
      ]),
      `Share "Gateway baseline" (${share.id}) was deleted: Cloudflare is removing it; 1 recipient lost something.`,
    ],
    [
      'nothing to delete',
      report('delete', [planned(gone, {}, { outcome: 'unchanged', changed: false })]),
      'Share "Gateway baseline" is already gone.',
    ],
    [
      'a replacement',
      report('apply', [
        applied(planned(desired('Gateway baseline', 'organization'), there, { replace: true }), { outcome: 'updated' }),
      ]),
      `Share "Gateway baseline" was replaced by share ${share.id}; every account of the organization gained something. The recipient is associated.`,
    ],
    [
      'only unlisted items',
      report('plan', [planned(wanted, { share, recipients: [recipient(BERLIN), recipient(LYON)] })]),
      'No change, but the share also has 1 recipient that the inputs do not list. Nothing was changed.',
    ],
    ['a run without shares', report('plan', []), 'No shares. Nothing was done.'],
  ])('describes %s', (_, of, sentence) => {
    for (const { lines } of both(of)) expect(lines[0]).toBe(sentence);
  });
});

describe('a failure', () => {
  test("of a share comes before the planned changes, which don't include that share", () => {
    for (const { text, lines, tables } of both(reportOf('refused'))) {
      expect(lines[0]).toBe(
        "1 share to update; 1 recipient gains something; 1 share can't be changed. Nothing was changed.",
      );
      inOrder(text, "What can't be done", 'targets the organization', 'Gain share WAF baseline');
      expect(text).not.toMatch(/Get again|to replace/);
      expect(tables[0]?.slice(1).map((row) => row.slice(0, 2))).toEqual([
        ["⛔ can't be done", 'Gateway baseline'],
        ['🟡 update', 'WAF baseline'],
      ]);
    }
  });

  test('is not reported as a missing plan when the plan itself is refused', () => {
    const { outcome: _, ...refused } = planned(desired('Gateway baseline', [BERLIN]), {
      share: live('Gateway baseline', { target: 'organization' }),
    });
    const { heading, lines } = comment(report('plan', [refused]));
    expect(heading).toBe('Plan for share Gateway baseline');
    expect(lines[0]).toBe('Share "Gateway baseline" can\'t be replaced. Nothing was changed.');
  });

  test("in the middle of a run says what was and wasn't done, without claiming a plan", () => {
    for (const { text, lines, tables } of both(reportOf('failed halfway'))) {
      expect(lines[0]).toBe('1 share created; 2 recipients gained something; 1 share failed.');
      inOrder(text, 'What went wrong', 'Gained share WAF baseline', 'Done: add recipient', 'Not done: add recipient');
      expect(text).not.toContain('planned');
      expect(tables[0]?.slice(1).map((row) => row.slice(0, 2))).toEqual([
        ['❌ failed', 'Gateway baseline'],
        ['🟢 created', 'WAF baseline'],
      ]);
      expect(lines).toContain(`✅ Done: add recipient Lyon office (${LYON})`);
    }
  });

  test('is reported under "What went wrong" even if another problem is a refusal', () => {
    const of = planned(
      desired('A', [BERLIN]),
      {},
      { problems: [{ message: 'HTTP 500' }, { message: 'no', kind: 'refusal' }] },
    );
    const { text } = comment(report('plan', [of]));
    expect(text).toContain('What went wrong');
  });

  test('of a single share names the input that caused it, but not the share', () => {
    const place = { label: 'share-name' };
    const wanted = desired('A', [BERLIN], { placeOf: () => place });
    const of = planned(wanted, {}, { problems: [{ message: 'no', place }] });
    expect(comment(report('plan', [of])).lines).toContain('share-name: no');
  });

  test.each([
    ['the line', { label: 'shares[0].name', file: 'f.yml', line: 4 }, 'f.yml:4 A: no'],
    [
      'the line and the part',
      { label: 'shares[0].exclude', file: 'f.yml', line: 7 },
      'f.yml:7 A: shares[0].exclude: no',
    ],
    ['the part, if there is no line', { label: 'shares[0].name', file: 'f.yml' }, 'A: shares[0].name: no'],
  ])('of a share in a file names the share and %s', (_, place, line) => {
    const of = planned(desired('A', [BERLIN]), {}, { problems: [{ message: 'no', place }] });
    expect(comment(report('plan', [of], { source: CONFIG })).lines).toContain(line);
  });

  test('is red, and a warning is yellow', () => {
    const of = planned(desired('A', [BERLIN]), {}, { problems: [{ message: 'no' }] });
    const markdown = renderReport(report('plan', [of], { warnings: [{ message: 'mind' }] }), {
      bytesMax: 65_000,
      details: false,
    });
    expect(markdown.match(/\[!.*\]\n.*/g)).toEqual([
      '[!CAUTION]\n> **What went wrong**',
      '[!WARNING]\n> **Check these first**',
    ]);
  });

  test('takes one line per cause, with the names of the shares', () => {
    for (const { text, heading, lines, tables } of both(reportOf('no permission'))) {
      expect(heading).toBe('No plan for .cloudflare/shares.yml');
      expect(lines[0]).toBe(
        'Planning failed for all 12 shares. Nothing was changed. Any earlier plan shown here is no longer valid.',
      );
      expect(times(text, 'HTTP 403')).toBe(1);
      expect(lines).toContain(
        `❌ 12 shares failed: ${Array.from({ length: 10 }, (_, i) => `Branch ${i + 1}`).join(', ')}, and 2 more`,
      );
      expect(text).toContain(
        "Branch 1, Branch 2, Branch 3 and 9 others: Cloudflare refused to list the account's shares",
      );
      expect(tables).toEqual([]);
      expect(text).not.toContain('in sync');
    }
  });

  test('of planning is stated in the first line only in mode: plan and if no share was planned', () => {
    const outcomes = reportOf('no permission').outcomes;
    expect(comment(report('plan', [...outcomes.slice(0, 1), planned(desired('A', [BERLIN]), {})])).lines[0]).toBe(
      '1 share to create; 1 recipient gains something; 1 share failed. Nothing was changed.',
    );
    expect(comment(report('plan', outcomes.slice(0, 1))).lines[0]).toBe(
      'Planning failed. Nothing was changed. Any earlier plan shown here is no longer valid.',
    );
    const applying = comment({ ...reportOf('no permission'), mode: 'apply' });
    expect([applying.lines[0], applying.summaries]).toEqual(['No share was finished; 12 shares failed.', []]);
  });

  test('is counted by its kind', () => {
    const refused = planned(desired('A', [BERLIN]), { share: live('A', { target: 'organization' }) });
    const failed = planned(desired('B', [BERLIN]), {}, { problems: [{ message: 'no' }] });
    const { plan: _, outcome: __, ...unreached } = planned(desired('C', [BERLIN]), {});
    expect(comment(report('apply', [refused, failed, unreached])).lines[0]).toBe(
      "No share was finished; 1 share can't be changed; 1 share failed; 1 share not reached.",
    );
    const { outcome: ___, ...notApplied } = planned(desired('D', [BERLIN]), {}, { changed: false });
    const { lines, tables } = comment(report('apply', [failed, notApplied]));
    expect(lines[0]).toBe('No share was finished; 1 share failed; 1 share not reached.');
    expect(tables[0]?.slice(1).map((row) => row.slice(0, 2))).toEqual([
      ['❌ failed', 'B'],
      ['⚪ not reached', 'D'],
    ]);
  });

  test('of inputs names no file', () => {
    const of = report('apply', [], { source: { kind: 'inputs' }, inputProblems: [{ message: 'no' }] });
    expect(comment(of).lines[0]).toBe(
      '1 problem with the inputs. Nothing was sent to Cloudflare, and nothing was changed.',
    );
  });

  test('says that a reviewed plan is missing', () => {
    const of = report('apply', [], { source: CONFIG, inputProblems: [{ message: 'no', kind: 'not-reviewed' }] });
    for (const { lines } of both(of))
      expect(lines[0]).toBe(
        'There is no reviewed plan to apply. Nothing was sent to Cloudflare, and nothing was changed.',
      );
  });

  test('to find a named policy is listed once, with its position, below the reason why apply refuses the plan', () => {
    const gone = { message: 'policy c1 does not exist', place: { label: 'resources[0]', file: 'f.yml', line: 7 } };
    const caution = { message: 'prune would remove 15 of the 20', kind: 'refusal' as const };
    const of = report('plan', [], { source: CONFIG, warnings: [gone, gone], cautions: [caution] });
    for (const { text, lines } of both(of)) {
      expect(lines).toContain('Check these first');
      expect(times(text, 'f.yml:7 resources[0]: policy c1 does not exist')).toBe(1);
      expect(lines).toContain('Apply refuses this plan unless it is reviewed or removal-limit is raised');
      expect(text.indexOf('prune would remove 15')).toBeLessThan(text.indexOf('policy c1'));
    }
  });

  test('of a run that has already changed shares says "Check these" instead of "Check these first"', () => {
    for (const { lines } of both(reportOf('failed halfway'))) expect(lines).toContain('Check these');
  });

  test('of an invalid file is shown instead of a plan, with each problem at its line', () => {
    for (const { heading, lines } of both(reportOf('broken file'))) {
      expect(heading).toBe('No plan for .cloudflare/shares.yml');
      expect(lines[0]).toMatch(
        /^2 problems with the file or the inputs\. Nothing was sent to Cloudflare.* is no longer valid\.$/,
      );
      expect(lines.slice(-3, -1)).toEqual([
        expect.stringMatching(
          /^\.cloudflare\/shares\.yml:4 shares\[0\]\.recipients\[0\]\.acount_name: unknown key .* Did you mean account_name\?$/,
        ),
        '.cloudflare/shares.yml:12 shares[1].resources[0].resource_id: is missing',
      ]);
    }
  });

  test('of a recipient is red in the table and the diagram', () => {
    const { lines, tables, diagrams } = summary(reportOf('terminal error'));
    expect(lines[0]).toBe(
      `Share "Gateway baseline" (${idOf('share Gateway baseline')}) was created, but not every step was done.`,
    );
    expect(tables).toEqual([
      [
        ['association', 'recipient', 'error', 'id'],
        [
          '🔴 failed permanently',
          'Lyon office',
          `Recipient is missing necessary entitlement: Block malware (${POLICY})`,
          LYON,
        ],
        [
          '🟡 associating',
          'Paris office',
          `Upstream is busy (Cloudflare keeps retrying): Block malware (${POLICY})`,
          PARIS,
        ],
        ['🟢 associated', 'Berlin office', '', BERLIN],
      ],
    ]);
    expect(diagrams[0]).toContain(`share --> r1["Lyon office #40;${LYON.slice(0, 8)}#8230;#41;"]:::failed`);
    expect(diagrams[0]).toMatch(/classDef failed fill:#ffd7d5/);
  });

  test('of several recipients comes first in the table, with all errors of each', () => {
    const error = (message: string) =>
      recipient(LYON, 'associating', { error: message, terminal: true }).resources ?? [];
    const recipients = [
      recipient('a1', 'disassociated'),
      recipient('a2', 'failed'),
      recipient('a3', 'other'),
      recipient('a4', 'disassociating'),
      { ...recipient('a5', 'associating'), resources: [{ resource_id: POLICY, error: '', terminal: false }] },
      recipient('a6', 'associating', { error: 'Busy', terminal: false }),
      { ...recipient('a7', 'associating'), resources: [...error('One'), ...error('Two')] },
    ];
    const of = planned(desired('A', [BERLIN]), { share: live('A'), recipients }, { outcome: 'unchanged' });
    const [table = []] = summary(report('apply', [of])).tables;
    expect(table.slice(1).map(([state, , id]) => [state, id])).toEqual([
      ['🔴 failed permanently', 'a7'],
      ['🟡 associating', 'a6'],
      ['🟡 associating', 'a5'],
      ['🟠 disassociating', 'a4'],
      ['⚪ disassociated', 'a1'],
      ['failed', 'a2'],
      ['other', 'a3'],
    ]);
    expect(table[1]?.[1]).toMatch(/^One: .*Two: /);
    expect(table.slice(3).map(([, error]) => error)).toEqual(['', '', '', '', '']);
    const markdown = renderReport(report('apply', [of]), { bytesMax: 65_000, details: true });
    expect(markdown).toContain('<br>Two: ');
  });

  test('is cut last, line by line', () => {
    const problems = (i: number): Problem[] => [
      { message: `Cloudflare refused to add recipient number ${i}`, place: { label: `shares[${i}].recipients[0]` } },
    ];
    const outcomes = Array.from({ length: 300 }, (_, i) => {
      const wanted = desired(`Branch ${i}`, [BERLIN, PORTO]);
      return i % 2 ? planned(wanted, {}, { problems: problems(i) }) : planned(wanted, {});
    });
    const cut = (bytesMax: number): Read => {
      const markdown = renderReport(report('plan', outcomes), { bytesMax, details: true });
      expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(bytesMax);
      return read(markdown);
    };
    const said = ({ lines }: Read): number =>
      lines.filter((line) => line.includes('refused to add recipient number')).length;
    const long = cut(30_000);
    expect(said(long)).toBe(150);
    expect(long.summaries).toEqual([]);
    expect(long.text).toMatch(/\d+ lines left out, because the report is too long\. The full text is in the run/);
    expect(long.links[0]).toBe('https://github.com/owner/repo/actions/runs/11834920137/attempts/1');
    const short = cut(8_000);
    expect(said(short)).toBeGreaterThan(30);
    expect(short.text).toContain(`… and ${150 - said(short)} more problems`);
    expect(short.tables).toEqual([]);
  });
});

describe('an unlisted item', () => {
  test('is reported as drift, not as a failure', () => {
    for (const { text, lines } of both(reportOf('drift'))) {
      expect(lines[0]).toBe(
        'Drift: 1 share, 1 recipient and 1 resource that the file does not list. Nothing was changed.',
      );
      expect(text).not.toMatch(/failed|wrong|Done/);
      expect(lines).toEqual(
        expect.arrayContaining([
          `recipient ${STRANGER} of share Gateway baseline`,
          `share Made by hand (${idOf('share Made by hand')})`,
          '⚪ 1 share in sync: WAF baseline',
        ]),
      );
    }
  });

  test('is named once for all shares that have it', () => {
    const { lines } = comment(reportOf('300 shares'));
    expect(lines).toContain(
      'Not listed, left unchanged: 6 recipients that the file does not list. prune: true removes them.',
    );
    expect(lines).toContain(`recipient ${STRANGER} of shares Branch 018, Branch 068, Branch 118 and 3 others`);
  });

  test('is counted if there is no room to name it', () => {
    const outcomes = Array.from({ length: 50 }, (_, i) =>
      planned(desired(`Share ${i}`, [BERLIN]), { share: live(`Share ${i}`), recipients: [recipient(branch(i))] }),
    );
    const { lines, text } = read(
      renderReport(report('plan', outcomes, { run: {} }), { bytesMax: 5_000, details: false }),
    );
    const named = lines.filter((line) => line.startsWith('recipient ')).length;
    expect(lines).toContain(`… and ${50 - named} more`);
    expect(text).toContain("The full text is in the step's log.");
    expect(renderReport(report('plan', outcomes), { bytesMax: 65_000, details: false })).toContain('> [!NOTE]\n');
  });

  test('is reported as drift along with the changes', () => {
    const wanted = desired('Gateway baseline', [BERLIN, PORTO]);
    const of = planned(
      wanted,
      { share: live('Gateway baseline'), recipients: [recipient(BERLIN), recipient(LYON)] },
      { problems: [{ message: 'differs', kind: 'drift' }] },
    );
    expect(comment(report('plan', [of])).lines.slice(0, 2)).toEqual([
      'Drift: 1 share to update, 1 recipient that the inputs do not list; 1 recipient gains something. Nothing was changed.',
      `🟢 Gain share Gateway baseline: Porto office (${PORTO})`,
    ]);
    const inSync = planned(desired('A', [BERLIN]), { share: live('A'), recipients: [recipient(BERLIN)] });
    expect(comment(report('plan', [of, inSync], { source: CONFIG })).lines[0]).toBe(
      'Drift: 1 share to update, 1 without change; 1 recipient gains something; 1 recipient that the file does not list. Nothing was changed.',
    );
    const changed = planned(
      wanted,
      { share: live('Gateway baseline'), recipients: [recipient(BERLIN)] },
      { problems: [{ message: 'differs', kind: 'drift' }] },
    );
    expect(comment(report('plan', [changed])).lines[0]).toBe(
      'Drift: 1 share to update; 1 recipient gains something. Nothing was changed.',
    );
  });

  test('is reported once, along with the changes, if it is a share', () => {
    const stays = planned(desired('By hand', [], { state: 'absent', unlisted: true }), { share: live('By hand') });
    const { lines } = comment(report('plan', [planned(desired('A', [BERLIN]), {}), stays]));
    expect(lines[0]).toBe('1 share to create; 1 recipient gains something. Nothing was changed.');
    expect(lines).toContain(
      'Not listed, left unchanged: 1 share that the file does not list. prune: true removes them.',
    );
  });

  test('is reported if it is an exclusion', () => {
    const of = planned(desired('Everywhere', 'organization', { exclude: [] }), {
      share: live('Everywhere', { target: 'organization' }),
      exclusions: [exclusion(LYON)],
    });
    expect(comment(report('plan', [of])).lines).toContain(
      `exclusion of account Lyon office (${LYON}) of share Everywhere`,
    );
  });
});

test('a plan without fail-on-drift starts with the changes', () => {
  const of = planned(desired('Gateway baseline', [BERLIN, PORTO]), {
    share: live('Gateway baseline'),
    recipients: [recipient(BERLIN), recipient(LYON)],
  });
  expect(comment(report('plan', [of])).lines[0]).toBe(
    '1 share to update; 1 recipient gains something. Nothing was changed.',
  );
});

test('a report says that no share was finished if every share failed', () => {
  const failed = (name: string) => {
    const { outcome: _, ...rest } = planned(
      desired(name, [BERLIN]),
      {},
      { problems: [{ message: `${name} is refused` }] },
    );
    return rest;
  };
  const of = report('apply', [failed('A'), failed('B')]);
  expect(comment(of).lines[0]).toBe('No share was finished; 2 shares failed.');
  expect(
    comment(of)
      .tables[0]?.slice(1)
      .map(([result]) => result),
  ).toEqual(['❌ failed', '❌ failed']);
});

describe('a report', () => {
  test.each([
    [5, true],
    [6, false],
  ])('expands the changes of %i shares: %s', (n, open) => {
    const changing = Array.from({ length: n }, (_, i) => planned(desired(`Share ${i}`, [BERLIN]), {}));
    const calm = planned(desired('Calm', [BERLIN]), { share: live('Calm'), recipients: [recipient(BERLIN)] });
    const markdown = renderReport(report('plan', [...changing, calm, calm]), { bytesMax: 65_000, details: false });
    expect(times(markdown, '<details open>')).toBe(open ? 1 : 0);
    expect(times(markdown, '<details')).toBe(1);
  });

  test.each(Object.entries(REPORTS))('shows an id at most twice per share, and always with its name (%s)', (_, of) => {
    const { text } = comment(of);
    for (const id of [BERLIN, LYON, PARIS, PORTO]) {
      if (of.outcomes.length <= 3) expect(times(text, id)).toBeLessThanOrEqual(2 * of.outcomes.length);
    }
    expect(text).not.toMatch(new RegExp(`recipient ${LYON}`));
  });

  test('mentions all unchanged shares in one line', () => {
    const { lines, summaries, tables } = summary(reportOf('300 shares'));
    expect(lines.filter((line) => line.startsWith('⚪'))).toEqual([
      expect.stringMatching(/^⚪ 269 shares in sync: Branch 001, .*, and 259 more$/),
    ]);
    expect(summaries).toEqual(['Changes of 25 shares']);
    expect(tables[0]).toHaveLength(26);
  });

  test('has tables that start with the change and end with the id', () => {
    expect(summary(reportOf('prune')).tables[0]).toEqual([
      ['change', 'share', 'what', 'id'],
      [
        '🟡 update',
        'Gateway baseline',
        '1 recipient to add, 2 recipients to remove, 1 resource to remove',
        idOf('share Gateway baseline'),
      ],
      ['🔴 delete', 'Old block page', '2 recipients to lose it', idOf('share Old block page')],
    ]);
    expect(comment(reportOf('prune')).tables[0]?.[0]).toEqual(['change', 'share', 'what']);
  });

  const there = (name: string, ...recipients: string[]) => ({
    share: live(name),
    recipients: recipients.map((id) => recipient(id)),
  });
  const having = (outcome: ShareOutcome, come: Partial<ShareOutcome>): ShareOutcome => ({ ...outcome, ...come });

  test('marks each result in the table of shares', () => {
    const wanted = desired('A', [BERLIN]);
    const [create, update, replace, remove] = [
      planned(wanted, {}),
      planned(wanted, there('A')),
      planned(wanted, { share: live('A', { target: 'organization' }) }, { replace: true }),
      planned(desired('A', [], { state: 'absent' }), there('A', BERLIN)),
    ];
    const { plan: _, outcome: __, ...unreached } = create;
    const resultsIn = (of: Report): (string | undefined)[] => (summary(of).tables[0] ?? []).map(([result]) => result);
    expect(resultsIn(report('plan', [create, update, replace, remove]))).toEqual([
      'change',
      '🟢 create',
      '🟡 update',
      '🟠 replace',
      '🔴 delete',
    ]);
    const done = [
      having(create, { outcome: 'created' }),
      having(update, { outcome: 'updated' }),
      having(replace, { outcome: 'updated' }),
      having(remove, { outcome: 'deleted' }),
    ];
    expect(resultsIn(report('apply', [...done, having(create, { outcome: 'unchanged' })]))).toEqual([
      'outcome',
      '🟢 created',
      '🟡 updated',
      '🟠 replaced',
      '🔴 deleted',
    ]);
    expect(resultsIn(report('apply', [having(create, { refusal: 'no' }), unreached, ...done])).slice(1, 3)).toEqual([
      "⛔ can't be done",
      '🟢 created',
    ]);
  });

  test('has a row for each share with its association and its id, as far as they are known', () => {
    const create = planned(desired('A', [BERLIN]), {});
    const created = having(create, { outcome: 'created', ...there('A', BERLIN) });
    const { share: _, ...removed } = planned(desired('B', [], { state: 'absent' }), there('B', BERLIN));
    expect(summary(report('apply', [created, { ...removed, outcome: 'deleted' }])).tables[0]).toEqual([
      ['outcome', 'share', 'what', 'id'],
      ['🟢 created', 'A', 'The recipient is associated', idOf('share A')],
      ['🔴 deleted', 'B', '1 recipient to lose it', idOf('share B')],
    ]);
    const plan = report('plan', [create], { source: CONFIG });
    const row = '| 🟢 create | <code>A</code> | 1 recipient to add, 1 resource to add |';
    for (const [details, end] of [
      [false, '\n'],
      [true, '  |\n'],
    ] as const)
      expect(renderReport(plan, { bytesMax: 65_000, details })).toContain(`${row}${end}`);
  });

  test('counts the rows that were cut from the table', () => {
    const outcomes = Array.from({ length: 100 }, (_, i) => planned(desired(`Share ${i}`, [BERLIN]), {}));
    const markdown = renderReport(report('plan', outcomes), { bytesMax: 4_000, details: true });
    const rows = read(markdown).tables[0] ?? [];
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.at(-1)).toEqual(['…', `and ${102 - rows.length} more shares`, '', '']);
    expect(markdown).toMatch(/\n\| … \| and \d+ more shares \| \| \|\n/);
  });

  test('lists unchanged shares grouped by reason, without shares that differ', () => {
    const gone = planned(desired('Gone', [], { state: 'absent' }), {});
    const kept = planned(desired('Kept', [BERLIN]), there('Kept', LYON), { ifExists: 'keep' });
    const extra = planned(desired('Extra', [BERLIN]), there('Extra', BERLIN, LYON));
    const unlisted = planned(desired('Unlisted', [], { state: 'absent', unlisted: true }), there('Unlisted', BERLIN));
    const same = planned(desired('Same', [BERLIN]), there('Same', BERLIN));
    const failed = having(same, { name: 'Failed', problems: [{ message: 'no' }] });
    for (const of of [
      report('plan', [same, gone, kept, extra, unlisted, failed]),
      report(
        'apply',
        [same, gone, kept, extra, unlisted].map((each) => having(each, { outcome: 'unchanged' })),
      ),
    ]) {
      expect(comment(of).lines.filter((line) => line.startsWith('⚪'))).toEqual([
        '⚪ 1 share in sync: Same',
        '⚪ 1 share left unchanged (if-exists: keep): Kept',
        '⚪ 1 share already gone: Gone',
      ]);
      expect(comment(of).tables).toHaveLength(of.mode === 'plan' ? 1 : 0);
    }
  });

  test('shows failed shares first, with the changes that a refused one would need', () => {
    const update = planned(desired('B', [BERLIN, LYON]), there('B', BERLIN));
    const refused = planned(desired('C', [BERLIN]), { share: live('C', { target: 'organization' }) });
    const { text, tables } = comment(report('plan', [update, refused]));
    inOrder(text, 'Changes of 2 shares', 'C: the changes that would be needed', '+   recipient Lyon');
    expect(times(text, 'the changes that would be needed')).toBe(1);
    expect(tables[0]?.slice(1).map(([, name]) => name)).toEqual(['C', 'B']);
    const markdown = renderReport(report('plan', [update, refused]), { bytesMax: 65_000, details: false });
    expect(markdown).toContain('**<code>B</code>**\n\n```diff\n');
  });

  test('shows exactly the steps of a failed share, in place of its changes', () => {
    const problems = [{ message: 'no' }];
    const create: Step = { kind: 'create', name: 'A' };
    const rename: Step = { kind: 'rename', name: 'A' };
    const wait: Step = { kind: 'wait-until-associated' };
    const failedWith = (done: Step[], notDone: Step[], notKnown: Step[], mode: Report['mode'] = 'apply') => {
      const of = planned(desired('A', [BERLIN]), {}, { problems, steps: { done, notDone, notKnown } });
      const { lines, diffs } = comment(report(mode, [of]));
      return [lines.filter((line) => /^(✅|❌|❔)/u.test(line)), diffs.length];
    };
    expect(failedWith([create], [], [rename])).toEqual([
      ['✅ Done: create share "A"', '❔ Not known (run again to finish): rename the share to "A"'],
      0,
    ]);
    const bare = planned(
      desired('A', [BERLIN]),
      {},
      { problems, steps: { done: [], notDone: [], notKnown: [create] } },
    );
    expect(comment(report('apply', [bare], { ifExists: 'create-new' })).lines).toContain(
      '❔ Not known (check before you run again): create share "A"',
    );
    expect(failedWith([], [wait], [])).toEqual([['❌ Not done: wait until every recipient is associated'], 0]);
    expect(failedWith([], [], [])).toEqual([[], 0]);
    const [some, none] = [[wait], []].map((notDone) =>
      planned(desired('A', [BERLIN]), {}, { problems, steps: { done: [], notDone, notKnown: [] } }),
    ) as [ShareOutcome, ShareOutcome];
    expect(comment(report('apply', [some, none])).summaries).toEqual(['Steps of 1 share']);
    expect(failedWith([], [wait], [], 'plan')).toEqual([[], 1]);
  });

  test('says how many lines of the changes were cut', () => {
    const accounts = Array.from({ length: 100 }, (_, i) => idOf(`account ${i}`));
    const of = report('plan', [planned(desired('A', accounts), {})]);
    const markdown = renderReport(of, { bytesMax: 2_500, details: false });
    const shown = (read(markdown).diffs[0] ?? []).filter((line) => line.startsWith('+   recipient ')).length;
    expect(shown).toBeGreaterThan(5);
    expect(markdown).toContain(`    … and ${101 - shown} lines more\n`);
  });

  test('lists recipients in the summary only where they add to what the plan shows', () => {
    const waiting = { share: live('A'), recipients: [recipient(BERLIN), recipient(LYON, 'associating')] };
    const wanted = desired('A', [BERLIN, LYON]);
    const { recipients: _, ...unread } = planned(desired('B', [BERLIN]), {}, { outcome: 'created' });
    const shown = (of: Report) => {
      const { lines, tables, summaries, diagrams } = summary(of);
      return [
        lines.filter((line) => /associated so far/.test(line)),
        tables.filter(([head]) => head?.[0] === 'association').map((table) => table.length - 1),
        summaries.filter((each) => each.startsWith('Recipients')),
        diagrams.length,
      ];
    };
    const before = 'Before this plan is applied, 1 of 2 recipients is associated so far.';
    expect(shown(report('plan', [planned(wanted, waiting)]))).toEqual([[before], [2], [], 0]);
    expect(shown(report('plan', [planned(wanted, there('A', BERLIN, LYON))]))).toEqual([[], [], [], 0]);
    const one = report('apply', [planned(wanted, waiting, { outcome: 'updated' })]);
    expect(shown(one)).toEqual([[expect.stringMatching(/^Share "A" .* was updated\. 1 of 2/)], [2], [], 1]);
    // Of many shares, only those that change or fail have a table, and only if their recipients are known.
    const changing = planned(desired('C', [BERLIN, LYON, PARIS]), waiting, { outcome: 'updated' });
    expect(shown(report('apply', [planned(wanted, waiting, { outcome: 'unchanged' }), changing, unread]))).toEqual([
      ['1 of 2 recipients is associated so far.'],
      [2],
      ['Recipients of 1 share'],
      1,
    ]);
    const gone = planned(desired('A', [], { state: 'absent' }), waiting);
    expect(shown(report('plan', [gone, changing]))).toEqual([[before], [2], ['Recipients of 1 share'], 0]);
    const refused = planned(desired('A', 'organization'), there('A', BERLIN, LYON));
    expect(shown(report('apply', [refused]))).toEqual([[], [], [], 0]);
  });

  test.each([
    [5, 5],
    [6, 0],
  ])('draws a diagram for each of up to five shares (%i)', (shares, diagrams) => {
    const outcomes = Array.from({ length: shares }, (_, i) =>
      planned(desired(`Share ${i}`, [BERLIN, LYON]), there(`Share ${i}`, BERLIN), { outcome: 'updated' }),
    );
    expect(summary(report('apply', outcomes)).diagrams).toHaveLength(diagrams);
  });

  test('is shorter in the comment, which shows no recipients or diagram', () => {
    expect(summary(reportOf('create')).diagrams).toHaveLength(1);
    expect(summary(reportOf('create')).tables).toHaveLength(1);
    const short = comment(reportOf('create'));
    expect([short.diagrams, short.tables]).toEqual([[], []]);
    expect(short.diffs[0]).toHaveLength(5);
  });

  test('names the first 50 of 5,000 recipients', () => {
    const accounts = Array.from({ length: 5_000 }, (_, i) => idOf(`account ${i}`));
    const of = planned(desired('Everywhere', accounts), {
      share: live('Everywhere'),
      recipients: accounts.map((id) => recipient(id, 'associating')),
    });
    const [table = []] = summary(report('apply', [{ ...of, outcome: 'unchanged' }])).tables;
    expect(table).toHaveLength(52);
    expect(table.at(-1)).toEqual(['…', 'and 4950 more recipients (output recipients)']);
  });

  test('names account, run, commit and actor in the footer', () => {
    const { lines, links } = comment(reportOf('update'));
    expect(lines.at(-1)).toBe(
      'Account Head office (023e105f4ecef8ad9ca31a8372d0c353) · Run 11834920137 commit 6dcb09b5b578 by octocat',
    );
    expect(links).toEqual(['https://github.com/owner/repo/actions/runs/11834920137/attempts/1']);
    expect(comment({ ...reportOf('update'), run: {}, accountId: '' }).lines.at(-1)).toMatch(/^🟡/);
  });
});

describe('text from outside', () => {
  const evil =
    'x --> </details> ```\n@octocat **b** <img src=x> | GH-1 o/r#1 6dcb09b5b57875f334f61aebed695e2e4193db5e https://a.example ops@a.example';
  test.each(Object.keys(REPORTS))('does not change the structure of the page (%s)', (name) => {
    const of = reportOf(name);
    const dressed = (text: string, step: Step = { kind: 'rename', name: text }): Report => ({
      ...of,
      source: of.source.kind === 'config' ? { ...of.source, file: text } : of.source,
      names: new Map([...of.names.keys()].map((id) => [id, text])),
      inputProblems: of.inputProblems?.map((problem) => ({ ...problem, message: text })) ?? [],
      run: { ...of.run, actor: text },
      outcomes: of.outcomes.map((outcome, i) => ({
        ...outcome,
        name: `${text} ${i}`,
        ...(outcome.plan ? { plan: { ...outcome.plan, name: `${text} ${i}` } } : {}),
        problems: outcome.problems.map((problem) => ({ ...problem, message: `${text} of one cause` })),
        recipients:
          outcome.recipients?.map((r) => ({
            ...r,
            resources: (r.resources ?? []).map((each) => ({ ...each, error: text })),
          })) ?? [],
        steps: { done: outcome.steps.done.map(() => step), notDone: [step], notKnown: [step] },
      })),
    });
    for (const size of [
      { bytesMax: 1_000_000, details: true },
      { bytesMax: 1_000_000, details: false },
    ]) {
      const [bad, good] = [evil, 'Harmless'].map((text) => read(renderReport(dressed(text), size))) as [Read, Read];
      expect(bad.tags).toEqual(good.tags);
      expect(bad.links).toEqual(good.links);
      expect(references(bad.page)).toEqual([]);
      expect(textOf(bad.page)).toContain('</details> ```\\u000a@octocat **b**');
    }
  });
});
