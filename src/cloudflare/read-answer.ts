// Reads answers: the API's envelope, errors of the edge in other shapes, and web pages, of which only the title is shown.

import { shortened } from '../secrets.ts';
import type { Answer, Call, ResultInfo, Shape } from './call.ts';
import { type ApiError, errorsInWords, NoAnswer, Refusal } from './errors.ts';
import { readRetryAfter } from './rate-limit.ts';

/** Of one text of an answer. */
const MOST_CHARACTERS = 500;

/** An answer as it came over the wire. */
export interface RawAnswer {
  status: number;
  header: (name: string) => string | null;
  text: string;
}

/** @throws {Refusal | NoAnswer} */
export function readAnswer<T>(call: Call, raw: RawAnswer, shape: Shape<T>, dateMs: number): Answer<T> {
  const { status, header, text } = raw;
  const json = parseJson(text);
  const ray = header('cf-ray') ?? undefined;
  const retryAfterMs = readRetryAfter(header('retry-after'), dateMs);
  const isOfApi = isEnvelope(json?.value);
  const refusal = () => new Refusal(call, { status, errors: readErrors(json, text), ray, retryAfterMs, isOfApi });
  const noAnswer = (what: string, final = false) => new NoAnswer(call, what, { final, retryAfterMs, ray });

  if (status >= 500 || status === 408) {
    throw noAnswer([`HTTP ${status}`, errorsInWords(readErrors(json, text))].filter(Boolean).join(': '));
  }
  if (status >= 400) throw refusal();
  if (status >= 300) {
    const message = `a redirect to ${originOf(header('location'))}, which is not followed, so that credentials go nowhere else: check api-base-url`;
    throw new Refusal(call, { status, errors: [{ message }], ray });
  }

  const { result, info } = open();
  const shaped = shape(result, info);
  if ('wrong' in shaped) throw noAnswer(`a success, but the body is not what the API promises: ${shaped.wrong}`, true);
  return { result: shaped.value, info, serverTimeMs: Date.parse(header('date') ?? '') || dateMs };

  function open(): { result: unknown; info: ResultInfo } {
    // The answer to a write may be empty. The answer to a read may not: an empty list is `[]`.
    if (text.trim() === '' && call.method !== 'GET') return { result: null, info: {} };
    if (json === undefined) {
      throw noAnswer(
        isHtml(text)
          ? `HTTP ${status} with a web page${titleOf(text)} instead of JSON`
          : `HTTP ${status} with a body that is not JSON`,
      );
    }
    const envelope = json.value as { success?: unknown; result?: unknown; result_info?: unknown } | null;
    if (envelope?.success === false) throw refusal();
    if (envelope?.success !== true) {
      throw noAnswer(`HTTP ${status}, but the body is not what the API promises: no "success": true`);
    }
    return { result: envelope.result ?? null, info: readInfo(envelope.result_info) };
  }
}

/** The errors of an answer, in whatever shape it has them. */
export function readErrors(json: { value: unknown } | undefined, text: string): ApiError[] {
  if (json === undefined) {
    if (isHtml(text)) return [{ message: `a web page${titleOf(text)} of the edge in front of the API` }];
    return text.trim() === '' ? [] : [{ message: shortened(text, MOST_CHARACTERS) }];
  }
  const body = json.value as { errors?: unknown; error?: unknown; title?: unknown; detail?: unknown } | null;
  if (Array.isArray(body?.errors)) return body.errors.map(readError);
  // The edge's own JSON: {"error": …} or a problem document {"title": …, "detail": …}.
  const said = [body?.title, body?.detail, body?.error].filter((part) => typeof part === 'string');
  return [{ message: shortened(said.join(': ') || text, MOST_CHARACTERS) }];
}

function readError(error: unknown): ApiError {
  if (typeof error !== 'object' || error === null) return { message: shortened(String(error), MOST_CHARACTERS) };
  const { code, message, source } = error as {
    code?: unknown;
    message?: unknown;
    source?: { pointer?: unknown } | null;
  };
  return {
    ...(typeof code === 'number' ? { code } : {}),
    message: typeof message === 'string' && message !== '' ? shortened(message, MOST_CHARACTERS) : 'no message',
    ...(typeof source?.pointer === 'string' && source.pointer !== '' ? { pointer: source.pointer } : {}),
  };
}

const COUNTS = ['count', 'per_page', 'total_count', 'total_pages'] as const;

/** What a list says about its pages. Every field is optional; a value of the wrong type is ignored. */
export function readInfo(from: unknown): ResultInfo {
  if (typeof from !== 'object' || from === null) return {};
  const said = from as Record<string, unknown>;
  const info: ResultInfo = {};
  for (const key of COUNTS) {
    const value = said[key];
    if (typeof value === 'number' && Number.isFinite(value)) info[key] = value;
  }
  const token = said.next_page_token;
  if (typeof token === 'string' && token !== '') info.next_page_token = token;
  return info;
}

const isEnvelope = (body: unknown): boolean => {
  const { success, errors } = (body ?? {}) as { success?: unknown; errors?: unknown };
  return success === false || Array.isArray(errors);
};

const isHtml = (text: string): boolean => /^\s*(<!doctype html|<html|<head|<!--\[if)/i.test(text);

/** ` "502: Bad gateway"`, or nothing when the page has no title. */
function titleOf(html: string): string {
  const title = /<title[^>]*>([^<]{1,200})/i.exec(html)?.[1]?.replace(/\s+/g, ' ').trim();
  return title ? ` ${JSON.stringify(title)}` : '';
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
