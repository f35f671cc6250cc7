// Reads one kind of Cloudflare credentials. Inputs take precedence over environment variables. Among environment
// variables, the token takes precedence.

import type { Problem } from '../share/problem.ts';
import { isFromFork, readEvent } from './github.ts';
import { CREDENTIAL, type InputName, type Inputs, type IsWrong, NOT_A_CREDENTIAL } from './read-inputs.ts';
import { atInput, type Environment } from './reading.ts';

interface Credentials {
  /** The headers of every request. Undefined: there are problems, or a wrong input has already been reported. */
  headers?: Record<string, string>;
  problems: Problem[];
}

export function readCredentials(inputs: Inputs, isWrong: IsWrong, env: Environment): Credentials {
  const given = (...names: InputName[]): boolean => names.some((name) => inputs[name] !== undefined || isWrong(name));
  if (given('api-token') && given('api-email', 'api-key'))
    return wrong('two kinds of credentials are set: use either api-token, or api-email and api-key', 'api-token');
  if (isWrong('api-token') || isWrong('api-email') || isWrong('api-key')) return { problems: [] };
  if (inputs['api-token'] !== undefined) return bearer(inputs['api-token']);

  const variable = (name: string): string | undefined => env[name]?.trim() || undefined;
  const token = given('api-email', 'api-key') ? undefined : variable('CLOUDFLARE_API_TOKEN');
  const email = inputs['api-email'] ?? variable('CLOUDFLARE_EMAIL');
  const key = inputs['api-key'] ?? variable('CLOUDFLARE_API_KEY');
  const problems = malformed(
    token === undefined ? { CLOUDFLARE_EMAIL: email, CLOUDFLARE_API_KEY: key } : { CLOUDFLARE_API_TOKEN: token },
  );
  if (problems.length > 0) return { problems };
  if (token !== undefined) return bearer(token);
  if (email !== undefined && key !== undefined)
    return { headers: { 'x-auth-email': email, 'x-auth-key': key }, problems: [] };
  if (email !== undefined || key !== undefined)
    return wrong('is missing: set both api-email and api-key', email === undefined ? 'api-email' : 'api-key');
  return wrong(
    `is missing, and so are api-email and api-key, so there are no credentials. ${whyNoSecrets(env)}`,
    'api-token',
  );
}

const bearer = (token: string): Credentials => ({ headers: { authorization: `Bearer ${token}` }, problems: [] });

const wrong = (message: string, input: string): Credentials => ({ problems: [atInput(message, input)] });

/** The environment variables with values that can't be credentials. Inputs have been checked already. */
const malformed = (values: Record<string, string | undefined>): Problem[] =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined && !CREDENTIAL.test(value))
    .map(([name]) => atInput(NOT_A_CREDENTIAL, name));

/** The most likely reason for an empty secret. */
function whyNoSecrets(env: Environment): string {
  if (env.GITHUB_ACTOR === 'dependabot[bot]') {
    return "Workflows started by Dependabot don't get Actions secrets: store it as a Dependabot secret too, or skip this step for Dependabot";
  }
  if (isFromFork(readEvent(env))) {
    return "Workflows of pull requests from forks don't get secrets: skip this step for them";
  }
  return "Is a secret with that name set in this repository, its environment or its organization? A secret that doesn't exist is empty";
}
