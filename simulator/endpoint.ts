// An endpoint, and a call to it.
import type { Answer } from './answers.ts';
import type { Permissions } from './authentication.ts';

export interface Call extends Permissions {
  params: Record<string, string>;
  query: URLSearchParams;
  /** Parses the body. Throws an ApiError if it is not JSON. */
  readBody: () => unknown;
  /** The fault that makes a share wider than requested. */
  wider: boolean;
}

export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Without `/client/v4`. */
  path: string;
  /** Its name in the published description. */
  operation: string;
  answer: (call: Call) => Answer;
}
