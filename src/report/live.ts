// Log lines of a run that is not finished yet.

import type { Problem } from '../share/desired.ts';
import * as log from './log.ts';
import { unrepeated } from './problems.ts';

/** Warnings and notices about inputs and names. */
export function sayRemarks({ warnings, notices }: { warnings: readonly Problem[]; notices: readonly Problem[] }): void {
  for (const warning of unrepeated(warnings)) log.warning(warning);
  for (const notice of unrepeated(notices)) log.notice(notice);
}

/** The step waits before it goes on. */
export const sayWaiting = (why: string, ms: number): void => log.line(`… waiting ${formatSeconds(ms)}: ${why}`);

const formatSeconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
