// How to reach the API: what `inputs` reads, and the client in `cloudflare` uses.

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
