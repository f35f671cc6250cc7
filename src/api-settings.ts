// How to reach the two APIs. `inputs` reads these settings, and the clients in `cloudflare` and `github` use them.

export interface ApiSettings {
  /** Without a trailing slash. */
  baseUrl: string;
  /** `Authorization`, or `X-Auth-Email` and `X-Auth-Key`. */
  headers: Record<string, string>;
  /** URL of the proxy to go through. */
  proxy?: string;
  requestTimeoutMs: number;
  /** Attempts per request, including the first. */
  maxAttempts: number;
}

/** For the comment and for `reviewed-plan: pull-request`. */
export interface GithubSettings {
  token: string;
  apiUrl: string;
  graphqlUrl: string;
  /** URL of the proxy to go through. */
  proxy?: string;
  /** What is wrong with the proxy that the environment sets. */
  proxyProblem?: string;
  /** `owner/name`. */
  repository: string;
  /** From the `pull-request` input, or else from the event. */
  pullRequest?: number;
  /** The event says that this pull request is now closed. */
  isClosed?: true;
  merge: Merge;
  writer: Writer;
}

/** The pull request or commits whose reviewed plan the run can apply. */
export type Merge =
  /** The event is about this pull request. */
  | { kind: 'pull-request'; number: number; isMerged: boolean }
  /** These commits, newest last, were added to the branch. Undefined: the run isn't on a branch. */
  | { kind: 'push'; branch?: string; commits: readonly string[] };

/** Identifies the run in its comments, so that an older run doesn't replace what a newer one wrote. */
export interface Writer {
  /** GitHub numbers the runs of a repository in ascending order. */
  run?: string;
  attempt?: string;
  /** The head of the pull request that the run is for. */
  head?: string;
}
