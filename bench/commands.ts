// The ways to create a share that the benchmark compares, as commands against a simulator.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RecipientRequest, ResourceRequest, Simulator } from '../simulator/index.ts';
import type { Command } from './process.ts';

export interface ShareRequest {
  name: string;
  recipients: RecipientRequest[];
  resources: ResourceRequest[];
}

export type SdkScript = 'sdk-script.mjs' | 'sdk-partial-script.mjs' | 'sdk-changes.mjs';

const fileHere = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export const ACTION = fileHere('../dist/index.js');

/**
 * The files that a runner gives to a step, and other files that a command needs. They are removed at the end of the
 * benchmark.
 */
export class StepFiles {
  readonly folder = mkdtempSync(join(tmpdir(), 'bench-'));
  readonly output = this.write('output', '');
  readonly summary = this.write('summary.md', '');

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A typical share: one policy for three accounts. */
export const exampleShare = (sim: Simulator, name: string): ShareRequest => ({
  name,
  recipients: sim.memberIds.slice(0, 3).map((account_id) => ({ account_id })),
  resources: [policy(sim, 'c')],
});

/** A gateway policy whose id repeats one digit. */
export const policy = (sim: Simulator, digit: string): ResourceRequest => ({
  resource_type: 'gateway-policy',
  resource_id: digit.repeat(32),
  resource_account_id: sim.accountId,
  meta: {},
});

export const nothing = (): Command => ({ program: process.execPath, args: ['-e', '0'], env: {} });

export function curl(sim: Simulator, wanted: ShareRequest): Command {
  const url = `${sim.baseUrl}/accounts/${sim.accountId}/shares`;
  const headers = ['-H', `Authorization: Bearer ${sim.credentials.apiToken}`, '-H', 'Content-Type: application/json'];
  return { program: 'curl', args: ['-sS', '--fail', ...headers, '-d', JSON.stringify(wanted), url], env: {} };
}

/** @param timeoutMs for each request. If omitted, the SDK's default of 60 s applies */
export function sdk(
  sim: Simulator,
  script: SdkScript,
  wanted: ShareRequest,
  files: StepFiles,
  timeoutMs?: number,
): Command {
  return {
    program: process.execPath,
    args: [fileHere(script)],
    env: {
      CLOUDFLARE_API_TOKEN: sim.credentials.apiToken,
      CLOUDFLARE_BASE_URL: sim.baseUrl,
      ACCOUNT_ID: sim.accountId,
      SHARE_NAME: wanted.name,
      RECIPIENTS: JSON.stringify(wanted.recipients),
      RESOURCES: JSON.stringify(wanted.resources),
      GITHUB_OUTPUT: files.output,
      ...(timeoutMs !== undefined && { TIMEOUT_MS: String(timeoutMs) }),
    },
  };
}

export function action(sim: Simulator, inputs: Record<string, string>, files: StepFiles): Command {
  const all = {
    'account-id': sim.accountId,
    'api-token': sim.credentials.apiToken,
    'api-base-url': sim.baseUrl,
    ...inputs,
  };
  return {
    program: process.execPath,
    args: [ACTION],
    env: {
      GITHUB_OUTPUT: files.output,
      GITHUB_STEP_SUMMARY: files.summary,
      ...Object.fromEntries(Object.entries(all).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    },
  };
}

export const inputsOf = ({ name, recipients, resources }: ShareRequest): Record<string, string> => ({
  'share-name': name,
  recipients: JSON.stringify(recipients),
  resources: JSON.stringify(resources),
});
