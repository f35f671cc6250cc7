// Interprets the outcome of a request: the API's envelope, errors from the edge in other forms, web pages (only the
// title is shown), and requests that failed without a response. Each text is scanned only once, however long it is.

import { connectionFailure, TimedOut } from '../http.ts';
import { shortened } from '../secrets.ts';
import type { ApiResponse, Call, ResultInfo, Shape } from './call.ts';
import { type ApiError, errorsInWords, NoUsableResponse, Refusal } from './errors.ts';
import { readRetryAfter } from './rate-limit.ts';
import { isText } from './shapes.ts';

/** The most characters shown of one text in a response. */
const MOST_CHARACTERS = 500;

/** A response as it came over the wire. */
export interface RawResponse {
  status: number;
  header: (name: string) => string | null;
  text: string;
}

/** A response whose parts are parsed. */
interface ParsedResponse {
  status: number;
  text: string;
  /** Undefined: the body isn't JSON. */
  json: { value: unknown } | undefined;
  location: string | null;
  ray: string | undefined;
  serverTimeMs: number;
  retryAfterMs: number | undefined;
}

/** @throws {Refusal | NoUsableResponse} */
export function readResponse<T>(call: Call, raw: RawResponse, shape: Shape<T>, dateMs: number): ApiResponse<T> {
  const response = parsed(raw, dateMs);
  const { status, serverTimeMs } = response;
  if (status >= 500 || status === 408) {
    const errors = errorsInWords(readErrors(response.json, response.text));
    throw unusable(call, response, [`HTTP ${status}`, errors].filter(Boolean).join(': '));
  }
  if (status >= 400) throw refusal(call, response);
  if (status >= 300) throw redirect(call, response);
  const { result, info } = openEnvelope(call, response);
  const shaped = shape(result, info);
  if ('wrong' in shaped) throw undocumented(call, response, shaped.wrong, { final: true });
  return { result: shaped.value, info, serverTimeMs };
}

function parsed({ status, header, text }: RawResponse, dateMs: number): ParsedResponse {
  // A date in Retry-After is measured by the server's clock, because the runner's clock may be minutes off.
  const serverTimeMs = Date.parse(header('date') ?? '') || dateMs;
  return {
    status,
    text,
    json: parseJson(text),
    location: header('location'),
    ray: header('cf-ray') ?? undefined,
    serverTimeMs,
    retryAfterMs: readRetryAfter(header('retry-after'), serverTimeMs),
  };
}

/** Takes the result out of a response with a status of success. */
function openEnvelope(call: Call, response: ParsedResponse): { result: unknown; info: ResultInfo } {
  const { status, text, json } = response;
  // The response to a write can be empty or lack a result. The response to a read can't, because an empty list is `[]`
  // or an explicit `null`. A list that can't be read is not an empty list.
  if (text.trim() === '' && call.method !== 'GET') return { result: null, info: {} };
  if (json === undefined) {
    const what = isHtml(text) ? `a web page${titleOf(text)} instead of JSON` : 'a body that is not JSON';
    throw unusable(call, response, `HTTP ${status} with ${what}`);
  }
  const { success, result, result_info: info } = fieldsOf(json.value);
  if (success === false) throw refusal(call, response);
  if (success !== true) throw undocumented(call, response, 'no "success": true');
  if (result === undefined && call.method === 'GET') throw undocumented(call, response, 'no "result"');
  return { result: result ?? null, info: readInfo(info) };
}

const refusal = (call: Call, { status, json, text, ray, retryAfterMs }: ParsedResponse): Refusal =>
  new Refusal(call, { status, errors: readErrors(json, text), ray, retryAfterMs, isOfApi: isEnvelope(json?.value) });

function redirect(call: Call, { status, location, ray }: ParsedResponse): Refusal {
  const message = `a redirect to ${originOf(location)}, which the action did not follow, because credentials must not be sent anywhere else: check api-base-url`;
  return new Refusal(call, { status, errors: [{ message }], ray });
}

const unusable = (
  call: Call,
  { ray, retryAfterMs }: ParsedResponse,
  what: string,
  { final = false } = {},
): NoUsableResponse => new NoUsableResponse(call, what, { final, retryAfterMs, ray });

const undocumented = (call: Call, response: ParsedResponse, why: string, how?: { final: boolean }): NoUsableResponse =>
  unusable(call, response, `HTTP ${response.status}, but the body doesn't match the API's documentation: ${why}`, how);

/** The errors in a response, in any form. */
export function readErrors(json: { value: unknown } | undefined, text: string): ApiError[] {
  if (json === undefined) {
    if (isHtml(text)) return [{ message: `a web page${titleOf(text)} from the edge in front of the API` }];
    return text.trim() === '' ? [] : [{ message: shortened(text, MOST_CHARACTERS) }];
  }
  const body = fieldsOf(json.value);
  if (Array.isArray(body.errors)) return body.errors.map(readError);
  // The edge's own JSON: {"error": …}, {"message": …} or a problem document {"title": …, "detail": …}.
  const texts = [body.title, body.detail, body.message, body.error, fieldsOf(body.error).message].filter(isText);
  return [{ message: shortened(texts.join(': ') || text, MOST_CHARACTERS) }];
}

function readError(error: unknown): ApiError {
  if (typeof error !== 'object' || error === null) return { message: shortened(String(error), MOST_CHARACTERS) };
  const { code, message, source } = fieldsOf(error);
  const { pointer } = fieldsOf(source);
  return {
    ...(typeof code === 'number' ? { code } : {}),
    message: isText(message) ? shortened(message, MOST_CHARACTERS) : 'no message',
    ...(isText(pointer) ? { pointer: shortened(pointer, MOST_CHARACTERS) } : {}),
  };
}

/** The fields of an object, or none for anything else. */
const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const COUNTS = ['count', 'per_page', 'total_count', 'total_pages'] as const;

/**
 * What a list says about its pages. Every field is optional. A value of the wrong type is ignored, and so is zero: an
 * empty list needs no count, and some services send zero for a count that they don't know.
 */
export function readInfo(from: unknown): ResultInfo {
  const fields = fieldsOf(from);
  const info: ResultInfo = {};
  for (const key of COUNTS) {
    const value = fields[key];
    if (typeof value === 'number' && Number.isFinite(value) && value > 0) info[key] = value;
  }
  const { next_page_token: token, cursors, cursor = fieldsOf(cursors).after } = fields;
  if (typeof token === 'string' && token !== '') info.next_page_token = token;
  if (typeof cursor === 'string' && cursor !== '') info.cursor = cursor;
  return info;
}

const isEnvelope = (body: unknown): boolean => {
  const { success, errors } = fieldsOf(body);
  return success === false || Array.isArray(errors);
};

const isHtml = (text: string): boolean => /^\s*(<!doctype html|<html|<head|<!--\[if)/i.test(text);

/** The part of a web page that is searched. The title comes early. */
const HEAD_CHARACTERS = 64 * 1024;
const TITLE_CHARACTERS = 200;

/** ` "502: Bad gateway"`, or an empty string if the page has no title. */
function titleOf(html: string): string {
  const head = html.slice(0, HEAD_CHARACTERS);
  // A regular expression would be slow, because it would search for the end of the tag from every `<title`.
  const tag = head.toLowerCase().indexOf('<title');
  const start = head.indexOf('>', tag);
  if (tag === -1 || start === -1) return '';
  const end = head.indexOf('<', start);
  const title = shortened(head.slice(start + 1, Math.max(start + 1, end)), TITLE_CHARACTERS);
  return title === '' ? '' : ` ${JSON.stringify(title)}`;
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function originOf(location: string | null): string {
  try {
    return new URL(location ?? '').origin;
  } catch {
    return 'another path';
  }
}

/** Why a request has no response. */
export function readFailure(call: Call, error: unknown): NoUsableResponse {
  if (error instanceof TimedOut) return new NoUsableResponse(call, `${error.message} (request-timeout)`);
  const { code = '', message, type } = error as NodeJS.ErrnoException & { type?: string };
  if (type === 'max-size')
    return new NoUsableResponse(call, 'the response is too large to be from the API', { final: true });
  const failure = connectionFailure(error as NodeJS.ErrnoException);
  switch (failure.kind) {
    case 'proxy':
      return notConnected(call, failure.status);
    case 'not a proxy':
      return wrongSetup(call, "the proxy's response is not HTTP: check whether HTTPS_PROXY is the address of a proxy");
    case 'expired':
      return wrongSetup(
        call,
        `the certificate has expired or is not valid yet (${code}): check the clock of the runner, and the certificate of the server`,
      );
    case 'other host':
      return wrongSetup(
        call,
        `the certificate is for another host (${code}): check api-base-url, and HTTPS_PROXY if the proxy uses https`,
      );
    case 'untrusted':
      return wrongSetup(
        call,
        `the certificate is not trusted (${code}); behind a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS to its certificate`,
      );
    case 'not tls':
      return wrongSetup(
        call,
        `no secure connection (${code}): the server doesn't accept HTTPS on this port. Check whether api-base-url or the proxy uses plain http`,
      );
    case 'not connected':
      return new NoUsableResponse(call, `no connection (${code})`, { neverSent: true });
    case 'broken': {
      const isCut = code === 'ERR_STREAM_PREMATURE_CLOSE';
      return new NoUsableResponse(
        call,
        isCut ? 'the response was cut off' : `the connection broke (${code || message})`,
      );
    }
  }
}

/** Nothing was sent, and a retry wouldn't help. */
const wrongSetup = (call: Call, what: string): NoUsableResponse =>
  new NoUsableResponse(call, what, { neverSent: true, final: true });

function notConnected(call: Call, status: number): NoUsableResponse {
  // A proxy can be busy, or briefly unable to reach the host.
  const mayPass = status >= 500 || status === 408 || status === 429;
  const check = mayPass
    ? ''
    : status === 407
      ? ': HTTPS_PROXY needs a user and a password (http://user:password@host:port)'
      : ': check HTTPS_PROXY and NO_PROXY, and whether the proxy allows this host';
  return new NoUsableResponse(call, `the proxy did not connect (HTTP ${status})${check}`, {
    neverSent: true,
    final: !mayPass,
  });
}
