// An endpoint, and a call to it.

import type { Permissions } from './authentication.ts';
import type { ApiResponse } from './responses.ts';

export interface Call extends Permissions {
  params: Record<string, string>;
  query: URLSearchParams;
  /** Parses the body. Throws an ApiError if it is not JSON. */
  readBody: () => unknown;
  /** Whether a fault makes the created share wider than requested. */
  wider: boolean;
}

export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Without `/client/v4`. */
  path: string;
  /** Its name in the published API description. */
  operation: string;
  respond: (call: Call) => ApiResponse;
}
