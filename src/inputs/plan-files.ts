// Where `plan-file` and `reviewed-plan` lead.

import { stat } from 'node:fs/promises';
import type { Problem } from '../share/desired.ts';
import type { Inputs } from './inputs-schema.ts';
import { locateFile } from './read-file.ts';
import { atInput, type Environment } from './reading.ts';
import type { Settings } from './settings.ts';

export function planFiles(inputs: Inputs, env: Environment): Pick<Settings, 'planFile' | 'reviewedPlan'> {
  const [planFile, reviewedPlan] = [inputs['plan-file'], inputs['reviewed-plan']];
  return {
    ...(planFile === undefined ? {} : { planFile: locateFile(planFile, env).path }),
    ...(reviewedPlan === undefined
      ? {}
      : {
          reviewedPlan:
            reviewedPlan === 'pull-request'
              ? { kind: 'pull-request' }
              : { kind: 'file', path: locateFile(reviewedPlan, env).path },
        }),
  };
}

/** A plan that cannot be written is known before it is made, where that can be told. */
export async function checkPlanFile({ 'plan-file': written }: Inputs, env: Environment): Promise<Problem[]> {
  if (written === undefined) return [];
  const { path, file } = locateFile(written, env);
  const why = await stat(path).then(
    (stats) => (stats.isDirectory() ? 'is a folder, not a file' : undefined),
    ({ code }: NodeJS.ErrnoException) => (code === 'ENOTDIR' ? 'part of its path is not a folder' : undefined),
  );
  return why === undefined ? [] : [atInput(`${file}: ${why}`, 'plan-file')];
}
