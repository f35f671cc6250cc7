// Everything a run needs to know, read once from the inputs and the environment, and handed down.

import type { Wish } from '../share/wish.ts';

export type Mode = 'apply' | 'plan' | 'delete';
export type IfExists = 'update' | 'fail' | 'keep' | 'create-new';

export interface Settings {
  accountId: string;
  /** What is wished for: one share from the inputs, or every share of the config file. */
  wishes: Wish[];
  /** Where the wishes were written: the inputs, or a file (its path as annotations show it). */
  source: { kind: 'inputs' } | { kind: 'config'; file: string };
  /** Exactly this share, instead of one looked up by name. */
  shareId?: string;
  mode: Mode;
  ifExists: IfExists;
  /** Also remove what is there and not listed. */
  prune: boolean;
  /** Allow creating a new share and deleting the old one where nothing less will do. */
  replace: boolean;
  /** Wait for association (or for what was removed to be gone), at most this long. Undefined: do not wait. */
  waitMs?: number;
  failOnDrift: boolean;
  /** Keep a comment on the pull request; undefined where none was asked for. */
  comment?: CommentSettings;
  api: ApiSettings;
  run: RunContext;
}

export interface ApiSettings {
  baseUrl: string;
  /** `Authorization`, or `X-Auth-Email` and `X-Auth-Key`. */
  headers: Record<string, string>;
  proxy?: string;
  requestTimeoutMs: number;
  maxAttempts: number;
}

export interface CommentSettings {
  token: string;
  apiUrl: string;
  /** `owner/name`. */
  repository: string;
  /** Undefined outside of pull requests. */
  pullRequest?: number;
}

/** The workflow run, as far as the runner tells. */
export interface RunContext {
  url?: string;
  id?: string;
  attempt?: string;
  repository?: string;
  actor?: string;
  sha?: string;
  /** File that the runner shows as the job summary. */
  summaryPath?: string;
}
