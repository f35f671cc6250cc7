// Reports the result of `mode: check` if the inputs and the file are valid. Problems are reported as in every other
// mode.

import type { Settings } from '../inputs/settings.ts';
import type { Problem } from '../share/desired.ts';
import { count } from '../share/words.ts';
import * as log from './log.ts';
import { setUnchanged } from './outputs.ts';
import { NOTHING_SENT } from './problems.ts';
import { writeReportFile, writeSummary } from './summary.ts';
import { code, prose } from './text.ts';

/** Reports settings without problems. @returns whether the step succeeds */
export function reportChecked(
  { desired, source, run }: Pick<Settings, 'desired' | 'source' | 'run'>,
  warnings: readonly Problem[],
): boolean {
  const render = (): string => {
    const what = source.kind === 'config' ? code(source.file) : 'the inputs';
    return `### Check of ${what}\n\n**${words(desired.length, warnings)}** ${NOTHING_SENT}\n${warningsList(warnings)}`;
  };
  const reportFile = writeReportFile(run, render);
  writeSummary(run, render);
  const unset = setUnchanged('checked', reportFile);
  if (unset) log.error(unset);
  log.line(`${words(desired.length, warnings)} ${NOTHING_SENT}`);
  return !unset;
}

const words = (shares: number, warnings: readonly Problem[]): string =>
  `Checked ${count(shares, 'share')}: no problems${warnings.length === 0 ? '' : `, ${count(warnings.length, 'warning')}`}.`;

const WARNINGS_SHOWN = 50;

function warningsList(warnings: readonly Problem[]): string {
  if (warnings.length === 0) return '';
  const more = warnings.length - WARNINGS_SHOWN;
  return [
    '',
    ...warnings
      .slice(0, WARNINGS_SHOWN)
      .map(({ message, place }) => `- ⚠️ ${prose(place?.label ? `${place.label}: ${message}` : message)}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
    '',
  ].join('\n');
}
