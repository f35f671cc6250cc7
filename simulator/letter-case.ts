// Makes the API write ids in uppercase and accept them in either case.

import type { Call, Endpoint } from './endpoint.ts';
import type { ApiResponse } from './responses.ts';

const accountsAndResources: ReadonlySet<string> = new Set([
  'account_id',
  'recipient_account_id',
  'resource_account_id',
  'resource_id',
]);

/** The keys of ids in the endpoints of the directory. Shares refer to these ids. */
const directoryIds: ReadonlySet<string> = new Set(['id', 'source_account']);

/** Free text from callers stays unchanged. */
const free: ReadonlySet<string> = new Set(['meta', 'tags']);

function mapIds(value: unknown, keys: ReadonlySet<string>, change: (id: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapIds(item, keys, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (free.has(key)) return [key, inner];
      return [key, keys.has(key) && typeof inner === 'string' ? change(inner) : mapIds(inner, keys, change)];
    }),
  );
}

/** Changes the ids of accounts and resources in a body to the stored case. */
export const inSmallLetters = (body: unknown): unknown => mapIds(body, accountsAndResources, (id) => id.toLowerCase());

/**
 * Wraps an endpoint so that its responses have ids of accounts and resources in uppercase, and requests can use either
 * case.
 */
export function withCapitals({ respond, ...endpoint }: Endpoint): Endpoint {
  const shown = endpoint.path.includes('/shares') ? accountsAndResources : directoryIds;
  return {
    ...endpoint,
    respond: (call) => inCapitals(respond(withStoredCase(call)), shown),
  };
}

function withStoredCase(call: Call): Call {
  const { account_id, ...params } = call.params;
  return {
    ...call,
    params: account_id === undefined ? params : { ...params, account_id: account_id.toLowerCase() },
    readBody: () => inSmallLetters(call.readBody()),
  };
}

function inCapitals(response: ApiResponse, keys: ReadonlySet<string>): ApiResponse {
  if (response.body === undefined) return response;
  return { ...response, body: JSON.stringify(mapIds(JSON.parse(response.body), keys, (id) => id.toUpperCase())) };
}
