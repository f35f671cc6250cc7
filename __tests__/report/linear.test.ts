// The work for a report grows linearly with the number of shares. It is counted in visits, because times are
// meaningless on a busy machine.

import { describe, expect, test } from '@jest/globals';
import { bodyOf } from '../../src/report/comment.ts';
import type { Report } from '../../src/report/contents.ts';
import * as marker from '../../src/review/marker.ts';
import type { ShareOutcome } from '../../src/share/outcome.ts';
import { runReport } from './run-report.ts';
import { BERLIN, CONFIG, desired, idOf, LYON, live, planned, recipient, report, STRANGER } from './values.ts';

const drift = { message: 'differs', kind: 'drift' as const };
const at = (i: number): string => `Share ${i}`;

/** Shares that change, fail, drift and are refused, each with its own problems, none of which has a place. */
const kinds: [string, Report['mode'], (i: number) => ShareOutcome][] = [
  ['plans with changes', 'plan', (i) => planned(desired(at(i), [BERLIN, idOf(`branch ${i}`)]), {})],
  [
    'failures without a place',
    'apply',
    (i) => planned(desired(at(i), [BERLIN]), {}, { problems: [{ message: `refused ${i}` }] }),
  ],
  [
    'drift with unlisted items',
    'plan',
    (i) =>
      planned(
        desired(at(i), [BERLIN]),
        { share: live(at(i)), recipients: [BERLIN, STRANGER, idOf(`stray ${i}`)].map((id) => recipient(id)) },
        { problems: [drift] },
      ),
  ],
  [
    'shares in sync',
    'apply',
    (i) =>
      planned(
        desired(at(i), [BERLIN, LYON]),
        { share: live(at(i)), recipients: [BERLIN, LYON].map((id) => recipient(id)) },
        { outcome: 'unchanged', changed: false },
      ),
  ],
];

describe.each(kinds)('the report of %s', (_, mode, outcome) => {
  /** How many times a report reads a property of an outcome. */
  async function visits(shares: number): Promise<number> {
    let count = 0;
    const outcomes = Array.from(
      { length: shares },
      (_, i) =>
        new Proxy(outcome(i), {
          get: (target, key) => {
            count += 1;
            return Reflect.get(target, key);
          },
        }),
    );
    const of = report(mode, outcomes, { source: CONFIG });
    await runReport(of);
    bodyOf(of, '<!-- marker -->', {}, marker);
    return count;
  }

  test('takes ten times the work for ten times as many shares', async () => {
    const [few, many] = [await visits(200), await visits(2_000)];
    expect(few).toBeGreaterThan(200);
    expect(many / few).toBeLessThan(10.5);
  });
});
