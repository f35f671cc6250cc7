// One endpoint, and one call of it.
import type { Answer } from './answers.ts';
import type { Permissions } from './authentication.ts';

export interface Call extends Permissions {
  params: Record<string, string>;
  query: URLSearchParams;
  /** The parsed body; throws an ApiError when it is not JSON. */
  readBody: () => unknown;
  /** The fault that lets a share come out wider than asked. */
  wider: boolean;
}

export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Without `/client/v4`. */
  path: string;
  /** The name that the published description gives it. */
  operation: string;
  answer: (call: Call) => Answer;
}
