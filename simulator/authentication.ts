// Checks the credentials of a request, and which permissions they have.
import type { IncomingHttpHeaders } from 'node:http';
import { credentials } from './organization.ts';
import { ApiError } from './responses.ts';

const malformed = () => new ApiError(400, { code: 6003, message: 'Invalid request headers' });

/** The real service uses the same words whether credentials are missing or lack a permission. */
const refused = (status: 401 | 403) => new ApiError(status, { code: 10000, message: 'Authentication error' });

/** Identifies a set of credentials, however they are sent. Rate limits are counted per caller. */
export function callerOf(headers: IncomingHttpHeaders): string {
  return headers.authorization ?? String(headers['x-auth-email'] ?? '');
}

export interface Permissions {
  mayWrite: boolean;
  /** Whether they can read the directory of the organization's accounts. */
  mayReadDirectory: boolean;
}

/**
 * Checks the credentials of a request.
 *
 * @returns the permissions
 * @throws {ApiError} 400 for malformed credentials, 401 for missing ones, 403 for invalid ones
 */
export function authenticate(headers: IncomingHttpHeaders): Permissions {
  const { authorization, 'x-auth-email': email, 'x-auth-key': key } = headers;
  if (authorization !== undefined) {
    const token = /^Bearer ([\w-]+)$/.exec(authorization)?.[1];
    if (token === undefined) throw malformed();
    if (token === credentials.apiToken) return { mayWrite: true, mayReadDirectory: true };
    if (token === credentials.readOnlyApiToken) return { mayWrite: false, mayReadDirectory: true };
    if (token === credentials.sharesOnlyApiToken) return { mayWrite: true, mayReadDirectory: false };
    throw new ApiError(403, { code: 9109, message: 'Invalid access token' });
  }
  if (email === undefined && key === undefined) throw refused(401);
  if (typeof email !== 'string' || typeof key !== 'string') throw malformed();
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || !/^[\w-]+$/.test(key)) throw malformed();
  if (email !== credentials.apiEmail || key !== credentials.apiKey) throw refused(403);
  return { mayWrite: true, mayReadDirectory: true };
}

/** @throws {ApiError} 403 with the real service's misleading error message for a missing permission */
export function requirePermission(permitted: boolean): void {
  if (!permitted) throw refused(403);
}
