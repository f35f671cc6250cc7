// Sends responses, either unchanged or as altered by faults.
import { randomBytes } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import type { Strike } from './faults.ts';
import type { Allowance, RateLimit } from './rate-limit.ts';
import { ApiError, type ApiResponse, busy, conflict, failure, success } from './responses.ts';

const json = 'application/json';

/** The error page of the edge in front of the API: a body that API clients don't expect. */
function edgePage(status: number, ray: string): string {
  const reason = status === 504 ? 'Gateway time-out' : 'Bad gateway';
  return `<!DOCTYPE html>
<html lang="en-US">
<head><title>api.cloudflare.com | ${status}: ${reason}</title></head>
<body>
<h1><span>${reason}</span> <span>Error code ${status}</span></h1>
<p>Cloudflare Ray ID: <strong>${ray}</strong></p>
</body>
</html>
`;
}

/** What the edge sends if it mistakes the client for a bot. */
const challengePage = `<!DOCTYPE html>
<html lang="en-US">
<head><title>Just a moment...</title></head>
<body><noscript>Enable JavaScript and cookies to continue</noscript></body>
</html>
`;

/** An error from the edge, as JSON that doesn't have the API's envelope. */
const edgeProblem = (status: number, ray: string): string =>
  JSON.stringify({
    type: 'https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/error-1016/',
    title: 'Error 1016: Origin DNS error',
    status,
    detail: 'Cloudflare cannot resolve the origin.',
    error_code: 1016,
    ray_id: ray,
    cloudflare_error: true,
  });

const html = { 'Content-Type': 'text/html; charset=UTF-8' };

/** The headers of every response. */
export function edgeHeaders(limit: RateLimit, allowance: Allowance): Record<string, string> {
  return {
    'CF-Ray': `${randomBytes(8).toString('hex')}-AMS`,
    Ratelimit: `"default";r=${allowance.remaining};t=${allowance.resetSeconds}`,
    'Ratelimit-Policy': `"default";q=${limit.quota};w=${limit.windowSeconds}`,
  };
}

export function tooManyRequests(retryAfterSeconds: number): ApiResponse {
  const error = new ApiError(429, { code: 971, message: 'Please wait and consider throttling your request speed' });
  return { ...failure(error), headers: { 'Retry-After': String(retryAfterSeconds) } };
}

/** What is sent: a response, half of one, or nothing (a connection reset). */
export type Sent = { how: 'whole' | 'half'; response: ApiResponse } | { how: 'reset' };

/**
 * @param response the API's response. Undefined if the fault kept the request from taking effect
 * @param elsewhere the default target of redirects
 */
export function underFault(fault: Strike, response: ApiResponse | undefined, ray: string, elsewhere: string): Sent {
  const whole = (changed: ApiResponse | undefined): Sent =>
    changed === undefined ? { how: 'reset' } : { how: 'whole', response: changed };
  const retryAfterSeconds = fault.retryAfterSeconds ?? 1;
  switch (fault.kind) {
    case 'reset-before-commit':
    case 'reset-after-commit':
    case 'reset-then-commit':
      return { how: 'reset' };
    case 'json-5xx-before-commit':
    case 'json-5xx-after-commit':
    case 'json-5xx-then-commit':
      return whole(failure(new ApiError(fault.status ?? 500, { code: 10001, message: 'internal server error' })));
    case 'html-5xx-before-commit':
    case 'html-5xx-after-commit':
    case 'html-5xx-then-commit': {
      const status = fault.status ?? 502;
      return whole({ status, body: edgePage(status, ray), headers: html });
    }
    case 'challenge':
      return whole({ status: fault.status ?? 403, body: challengePage, headers: html });
    case 'edge-json':
      return whole({ status: fault.status ?? 530, body: edgeProblem(fault.status ?? 530, ray) });
    case 'busy':
      return whole(failure(busy(fault.status)));
    case 'truncated-body':
      return response === undefined ? { how: 'reset' } : { how: 'half', response };
    case 'redirect':
      return whole({ status: 307, body: '', headers: { Location: fault.location ?? elsewhere } });
    case 'forbidden':
      return whole(failure(new ApiError(403, { code: 10000, message: 'Authentication error' })));
    case 'rate-limited':
      return whole(tooManyRequests(retryAfterSeconds));
    case 'rate-limit-low':
      return whole(response && { ...response, headers: { Ratelimit: `"default";r=0;t=${retryAfterSeconds}` } });
    case 'nonsense':
      return whole(response && { status: response.status === 201 ? 201 : 200, body: '{"ok":true}' });
    case 'conflict-when-repeated': {
      if (!fault.repeated) return { how: 'reset' };
      return whole({ ...failure(conflict('the request has already taken effect')), status: fault.status ?? 409 });
    }
    case 'null-result':
      return whole(response && (isRefusal(response) ? response : success(response.status === 201 ? 201 : 200, null)));
    case 'empty-success':
      return whole(response && (isRefusal(response) ? response : { status: fault.status ?? 200, body: undefined }));
    case 'late-response':
    case 'late-commit':
    case 'wider':
      return whole(response);
  }
}

const isRefusal = ({ status }: ApiResponse): boolean => status >= 400;

/** Sends a response, or breaks the connection. */
export async function send(reply: FastifyReply, sent: Sent, headers: Record<string, string>): Promise<void> {
  if (sent.how === 'reset') {
    reply.hijack();
    reply.raw.destroy();
    return;
  }
  const { status, body, headers: own } = sent.response;
  if (sent.how === 'whole') {
    reply.code(status).headers({ ...headers, ...(body !== undefined && { 'Content-Type': json }), ...own });
    await reply.send(body);
    return;
  }
  reply.hijack();
  const { socket } = reply.raw;
  if (body === undefined) {
    // An empty response can't be halved, so its headers are sent, and then the connection breaks.
    reply.raw.writeHead(status, { ...headers, ...own }).end(() => socket?.destroy());
    return;
  }
  const bytes = Buffer.from(body);
  reply.raw.writeHead(status, { ...headers, 'Content-Type': json, ...own, 'Content-Length': bytes.length });
  reply.raw.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => reply.raw.destroy());
}
