// How to reach the two APIs: what `inputs` reads, and the clients in `cloudflare` and `github` use.

export interface ApiSettings {
  /** Without a slash at the end. */
  baseUrl: string;
  /** `Authorization`, or `X-Auth-Email` and `X-Auth-Key`. */
  headers: Record<string, string>;
  /** URL of the proxy to go through. */
  proxy?: string;
  requestTimeoutMs: number;
  /** Tries for one request, the first included. */
  maxAttempts: number;
}

/** GitHub: for the comment and for `reviewed-plan: pull-request`. */
export interface GithubSettings {
  token: string;
  apiUrl: string;
  graphqlUrl: string;
  /** URL of the proxy to go through. */
  proxy?: string;
  /** What is wrong with the proxy that the environment names. */
  proxyProblem?: string;
  /** `owner/name`. */
  repository: string;
  /** From the `pull-request` input, or else from the event. */
  pullRequest?: number;
  /** The event says that this pull request is closed by now. */
  isClosed?: true;
  merge: Merge;
  writer: Writer;
}

/** What the run can apply the reviewed plan of. */
export type Merge =
  /** The event is about this pull request. */
  | { kind: 'pull-request'; number: number; isMerged: boolean }
  /** These commits, the newest one last, came to the branch. Undefined: the run is of no branch. */
  | { kind: 'push'; branch?: string; commits: readonly string[] };

/** The run, as the comments that it writes name it, so that an older run doesn't replace what a newer one wrote. */
export interface Writer {
  /** GitHub numbers the runs of a repository upwards. */
  run?: string;
  attempt?: string;
  /** The head of the pull request that the run is for. */
  head?: string;
}
