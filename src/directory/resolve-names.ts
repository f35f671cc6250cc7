// The directory of a run in one step: look up, resolve, check.

import type { Client } from '../cloudflare/client.ts';
import { directoryEndpoints } from '../cloudflare/directory-endpoints.ts';
import { Cancelled } from '../cloudflare/errors.ts';
import type { DesiredShare, Problem } from '../share/desired.ts';
import { type Label, type Names, namesOf } from '../share/names.ts';
import { lookUp, type Needs } from './look-up.ts';
import { check, namesIn, noticesOf } from './names.ts';
import { resolve } from './resolve.ts';

export interface NamedShares {
  /** The shares with ids only. Not to be planned if there are problems. */
  desired: DesiredShare[];
  /** For people: names and labels by id. */
  names: Names;
  problems: Problem[];
  warnings: Problem[];
  notices: Problem[];
}

/** Resolves every name before anything is planned, and checks what is written against the names. The result of a
 * cancelled job is a problem. */
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
    notices: noticesOf(needs.written, directory),
  };
}

function cancelled(error: unknown): Problem {
  if (error instanceof Cancelled) return { message: 'The job was cancelled.', kind: 'cancelled' };
  throw error;
}
