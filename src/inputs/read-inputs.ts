// The inputs, as the runner passes them, each one checked by itself.

import * as z from 'zod/mini';
import { keepSecret } from '../secrets.ts';
import type { Problem } from '../share/desired.ts';
import { INPUT_NAMES, type InputName, type Inputs, inputs as schema } from './inputs-schema.ts';
import { proxySecrets } from './proxy.ts';
import { atInput, type Environment } from './reading.ts';

/** Was the input wrong, and left out? It has its problem already. */
export type IsWrong = (name: InputName) => boolean;

/** The text of an input, as the runner passes it. */
const inputText = (name: string, env: Environment): string | undefined => env[`INPUT_${name.toUpperCase()}`];

/** Tells the runner to mask every credential that it can find, used or not. To be called before anything else. */
export function maskSecrets(env: Environment = process.env): void {
  for (const input of ['api-token', 'api-key', 'api-email', 'github-token']) keepSecret(inputText(input, env));
  for (const name of ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_API_KEY', 'CLOUDFLARE_EMAIL']) keepSecret(env[name]);
  for (const secret of proxySecrets(env)) keepSecret(secret);
}

/** Reads each input. A wrong one is reported and left out: the checks of the others go on without it. */
export function readInputs(env: Environment): { inputs: Inputs; isWrong: IsWrong; problems: Problem[] } {
  const written = Object.fromEntries(INPUT_NAMES.map((name) => [name, inputText(name, env)?.trim() || undefined]));
  const accountFromEnvironment = written['account-id'] === undefined;
  written['account-id'] ??= env.CLOUDFLARE_ACCOUNT_ID?.trim() || undefined;
  const issues = z.safeParse(schema, written).error?.issues ?? [];
  const wrong = new Set(issues.map(({ path }) => String(path[0])));
  const problems = issues.map(({ message, path }) => {
    const name = String(path[0]);
    return atInput(message, name === 'account-id' && accountFromEnvironment ? 'CLOUDFLARE_ACCOUNT_ID' : name);
  });
  const sound = Object.fromEntries(Object.entries(written).filter(([name]) => !wrong.has(name)));
  return { inputs: z.parse(schema, sound), isWrong: (name) => wrong.has(name), problems };
}
