// The proxy that the environment names, read as curl reads it. Nothing here throws. No message quotes a variable, because a
// proxy's address may contain a password.

import type { Environment } from './reading.ts';

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

/** Every form in which a proxy's password may appear in a text. */
export function proxySecrets(env: Environment): string[] {
  return VARIABLES.flatMap((name) => {
    const text = env[name]?.trim() ?? '';
    // Read without URL: an address that URL cannot parse may contain a password too.
    const written = /^[^:@]*:(.*)@/.exec(text.replace(SCHEME, ''))?.[1];
    if (!written) return [];
    const decoded = decodeTolerantly(written);
    return [
      written,
      decoded,
      encodeURIComponent(decoded.replace(/\p{Cs}/gu, '\ufffd')),
      parseProxy(text)?.password ?? '',
    ];
  });
}

/** The proxy for requests to `url`, with valid escapes, or the problem with it. Neither: there is no proxy. */
export function proxyFor(url: URL, env: Environment): { proxy?: string; problem?: { message: string; name: string } } {
  if (isExempt(url, env)) return {};
  const scheme = url.protocol.slice(0, -1);
  const name = [`${scheme}_proxy`, `${scheme}_proxy`.toUpperCase(), 'all_proxy', 'ALL_PROXY'].find((n) => env[n]);
  if (name === undefined) return {};
  const parsed = parseProxy(env[name]?.trim() ?? '');
  if (!parsed) return { problem: { name, message: 'is not the address of a proxy, as in http://proxy.example:3128' } };
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    return {
      problem: { name, message: `names a proxy of the kind ${parsed.protocol}//; only http:// and https:// work here` },
    };
  }
  return { proxy: parsed.href };
}

/** An address with valid escapes in user and password. Without a scheme it is http, as for curl. */
function parseProxy(text: string): URL | undefined {
  const address = SCHEME.test(text) ? text : `http://${text}`;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  // A per cent sign that begins no escape stands for itself.
  for (const part of ['username', 'password'] as const) {
    if (url[part] !== '') url[part] = encodeURIComponent(decodeTolerantly(url[part]));
  }
  return url;
}

function decodeTolerantly(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/(%[0-9a-f]{2})+/gi, (escapes) => {
      try {
        return decodeURIComponent(escapes);
      } catch {
        return escapes; // bytes that are no text
      }
    });
  }
}

/** `NO_PROXY`: `*`, or names that match exactly, with a leading dot or star as endings, each with a port if need be. */
function isExempt(url: URL, env: Environment): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return (env.no_proxy || env.NO_PROXY || '')
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, host = entry, onlyPort = port] = /^(.+):(\d+)$/.exec(entry) ?? [];
      if (onlyPort !== port) return false;
      const ending = host.replace(/^\*/, '');
      return ending !== host || host.startsWith('.') ? url.hostname.endsWith(ending) : url.hostname === host;
    });
}
