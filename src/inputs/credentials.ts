// Reads one kind of Cloudflare credentials. Inputs take precedence over environment variables. Among environment
// variables, the token takes precedence.

import type { Problem } from '../share/desired.ts';
import { isFromFork, readEvent } from './github.ts';
import { CREDENTIAL, type InputName, type Inputs, NOT_A_CREDENTIAL } from './read-inputs.ts';
import { atInput, type Environment } from './reading.ts';

/** @param isWrong tells whether an input was set but has already been reported as wrong */
export function readCredentials(
  inputs: Inputs,
  isWrong: (name: InputName) => boolean,
  env: Environment,
): { headers?: Record<string, string>; problems: Problem[] } {
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` }, problems: [] });
  const pair = (email: string, key: string) => ({
    headers: { 'x-auth-email': email, 'x-auth-key': key },
    problems: [],
  });
  const given = (name: InputName): boolean => inputs[name] !== undefined || isWrong(name);
  if (given('api-token') && (given('api-email') || given('api-key'))) {
    return {
      problems: [
        atInput('two kinds of credentials are set: use either api-token, or api-email and api-key', 'api-token'),
      ],
    };
  }
  if (isWrong('api-token') || isWrong('api-email') || isWrong('api-key')) return { problems: [] };
  if (inputs['api-token'] !== undefined) return bearer(inputs['api-token']);

  const problems: Problem[] = [];
  const either = (input: 'api-email' | 'api-key' | 'api-token', variable: string): string | undefined => {
    const value = inputs[input] ?? (env[variable]?.trim() || undefined);
    if (value === undefined || CREDENTIAL.test(value)) return value;
    problems.push(atInput(NOT_A_CREDENTIAL, variable));
    return '';
  };
  if (!given('api-email') && !given('api-key')) {
    const token = either('api-token', 'CLOUDFLARE_API_TOKEN');
    if (token !== undefined) return problems.length > 0 ? { problems } : bearer(token);
  }
  const email = either('api-email', 'CLOUDFLARE_EMAIL');
  const key = either('api-key', 'CLOUDFLARE_API_KEY');
  if (problems.length > 0) return { problems };
  if (email !== undefined && key !== undefined) return pair(email, key);
  if (email !== undefined) return { problems: [atInput('is missing: set both api-email and api-key', 'api-key')] };
  if (key !== undefined) return { problems: [atInput('is missing: set both api-email and api-key', 'api-email')] };
  return {
    problems: [
      atInput(
        `is missing, and so are api-email and api-key, so there are no credentials. ${whyNoSecrets(env)}`,
        'api-token',
      ),
    ],
  };
}

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
