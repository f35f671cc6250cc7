// The proxy for both Cloudflare and GitHub, read from the environment the way curl does. Nothing here throws. No
// message quotes a variable, because a proxy address may contain a password.

import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Environment } from './reading.ts';

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

/** The forms in which a proxy password may appear in a text, apart from its JSON-escaped and URL-encoded forms. */
export function proxySecrets(env: Environment): string[] {
  return VARIABLES.flatMap((name) => {
    const text = env[name]?.trim() ?? '';
    // Not parsed with URL, because an address that URL can't parse may contain a password, too.
    const written = /^[^:@]*:(.*)@/.exec(text.replace(SCHEME, ''))?.[1];
    if (!written) return [];
    return [written, decodeTolerantly(written), parseProxy(text)?.password ?? ''];
  });
}

/**
 * The proxy for requests to `url`, with valid escapes, or the problem with it. An empty object means that there is no
 * proxy.
 */
export function proxyFor(url: URL, env: Environment): { proxy?: string; problem?: { message: string; name: string } } {
  const scheme = url.protocol.slice(0, -1);
  const name = [`${scheme}_proxy`, `${scheme}_proxy`.toUpperCase(), 'all_proxy', 'ALL_PROXY'].find((n) => env[n]);
  // Check exemptions last, because checking the first address takes 3 ms.
  if (name === undefined || isExempt(url, env)) return {};
  const parsed = parseProxy(env[name]?.trim() ?? '');
  if (!parsed)
    return { problem: { name, message: 'is not a valid proxy address: use the form http://proxy.example:3128' } };
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    return {
      problem: {
        name,
        message: `is a ${parsed.protocol}// proxy, but only http:// and https:// proxies are supported`,
      },
    };
  }
  return { proxy: parsed.href };
}

/** Parses an address, with valid escapes in user and password. If it has no scheme, http is assumed, as in curl. */
function parseProxy(text: string): URL | undefined {
  const address = SCHEME.test(text) ? text : `http://${text}`;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  // A percent sign that doesn't begin an escape is literal.
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
        return escapes; // the bytes aren't text
      }
    });
  }
}

/**
 * Interprets `NO_PROXY` as curl does: names including their subdomains, addresses, and address blocks (CIDR). For
 * compatibility, an entry can also be `*`, begin with `*`, or end with a port.
 */
function isExempt(url: URL, env: Environment): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const host = url.hostname.replace(/[[\]]|\.$/g, '');
  return (env.no_proxy || env.NO_PROXY || '')
    .toLowerCase()
    .split(/[,\s]/)
    .some((entry) => {
      if (entry === '*') return true;
      // A colon inside an IPv6 address doesn't begin a port.
      const [, name = entry, onlyPort = port] = isIPv6(entry) ? [] : (/(.+):(\d+)$/.exec(entry) ?? []);
      return onlyPort === port && covers(name, host);
    });
}

function covers(entry: string, host: string): boolean {
  const block = entry.replace(/^\[([^\]]*)\]/, '$1');
  if (isIP(host) !== 0) return coversAddress(block, host);
  if (entry.startsWith('*')) return host.endsWith(entry.slice(1));
  const name = entry.replace(/^\.+|\.$/g, '');
  return host === name || host.endsWith(`.${name}`);
}

/** Does the address equal the entry, or is it in its block? */
function coversAddress(entry: string, host: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (family !== isIP(host) || rest.length > 0 || !(prefix <= most)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(address, prefix, type);
  return block.check(host, type);
}
