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

/** The repository on GitHub: for the comment and for `reviewed-plan: pull-request`. */
export interface GithubSettings {
  token: string;
  apiUrl: string;
  /** `owner/name`. */
  repository: string;
  /** From the `pull-request` input, or else from the event. */
  pullRequest?: number;
  /** The commit that the run is of: on a push, the one that was pushed. */
  commit?: string;
}
