// Looks up, resolves and checks the names of a run in one step.

import type { Client } from '../cloudflare/client.ts';
import { directoryEndpoints } from '../cloudflare/directory-endpoints.ts';
import { Cancelled } from '../cloudflare/errors.ts';
import type { DesiredShare, Problem } from '../share/desired.ts';
import { type Label, type Names, namesOf } from '../share/names.ts';
import { lookUp, type Needs } from './look-up.ts';
import { check, namesIn, noticesOf } from './names.ts';
import { resolve } from './resolve.ts';

export interface NamedShares {
  /** The shares with ids only. Don't plan them if there are problems. */
  desired: DesiredShare[];
  /** For display: names and labels by id. */
  names: Names;
  problems: Problem[];
  warnings: Problem[];
  notices: Problem[];
}

/**
 * Resolves every name before anything is planned, and checks the shares against the names. If the job is cancelled, the
 * result has only a problem.
 */
export async function resolveNames(client: Client, labels: readonly Label[], needs: Needs): Promise<NamedShares> {
  const directory = await lookUp(directoryEndpoints(client), needs).catch(cancelled);
  if ('message' in directory) {
    return { desired: [], names: new Map(), problems: [directory], warnings: [], notices: [] };
  }
  const { desired, problems, ...resolved } = resolve(needs.written, directory);
  const { names, warnings } = namesOf([...labels, ...resolved.labels], namesIn(directory));
  return {
    desired,
    names,
    problems,
    warnings: [...warnings, ...check(desired, directory, names)],
    // A run with problems ends here, so notices would only distract from them.
    notices: problems.length > 0 ? [] : noticesOf(needs.written, directory),
  };
}

function cancelled(error: unknown): Problem {
  if (error instanceof Cancelled) return { message: 'The job was cancelled.', kind: 'cancelled' };
  throw error;
}
