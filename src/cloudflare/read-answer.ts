// Answers as they come: the API's envelope, the edge's errors in other shapes, and web pages that nobody wants dumped.

import type { ApiError } from './errors.ts';

export const isHtml = (text: string): boolean => /^\s*(<!doctype html|<html|<head|<!--\[if)/i.test(text);

/** ` "502: Bad gateway"`, or nothing when the page has no title. */
export function titleOf(html: string): string {
  const title = /<title[^>]*>([^<]{1,200})/i.exec(html)?.[1]?.replace(/\s+/g, ' ').trim();
  return title ? ` ${JSON.stringify(title)}` : '';
}

/** What an answer says is wrong, whatever shape it says it in. */
export function readErrors(json: { value: unknown } | undefined, text: string): ApiError[] {
  if (json === undefined) {
    if (isHtml(text)) return [{ message: `a web page${titleOf(text)} of the edge in front of the API` }];
    return text.trim() === '' ? [] : [{ message: shorten(text) }];
  }
  const body = json.value as { errors?: unknown; error?: unknown; title?: unknown; detail?: unknown } | null;
  if (Array.isArray(body?.errors)) return body.errors.map(readError);
  // The edge's own JSON: {"error": …} or a problem document {"title": …, "detail": …}.
  const said = [body?.title, body?.detail, body?.error].filter((part) => typeof part === 'string');
  return [{ message: shorten(said.join(': ') || text) }];
}

function readError(error: unknown): ApiError {
  if (typeof error !== 'object' || error === null) return { message: shorten(String(error)) };
  const { code, message, source } = error as {
    code?: unknown;
    message?: unknown;
    source?: { pointer?: unknown } | null;
  };
  return {
    ...(typeof code === 'number' ? { code } : {}),
    message: typeof message === 'string' && message !== '' ? shorten(message) : 'no message',
    ...(typeof source?.pointer === 'string' && source.pointer !== '' ? { pointer: source.pointer } : {}),
  };
}

const shorten = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 500 ? `${line.slice(0, 500)}…` : line;
};
