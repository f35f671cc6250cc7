// The agent that sends requests. It keeps connections open and uses the proxy, if there is one. Both API clients,
// cloudflare and github, use it.

import { type ClientRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { ApiSettings } from './settings.ts';

/**
 * @param closed aborts when no more requests will be sent. It ends connections that still wait for the proxy, which the
 * agent doesn't track
 */
export async function makeAgent(
  { baseUrl, proxy }: Pick<ApiSettings, 'baseUrl' | 'proxy'>,
  closed: AbortSignal,
): Promise<HttpAgent> {
  const options = { keepAlive: true };
  if (proxy !== undefined) {
    const { HttpsProxyAgent } = await import('https-proxy-agent'); // most runs have no proxy
    const agent = new HttpsProxyAgent(proxy, { ...options, signal: closed });
    // If CONNECT returns anything but 200, the library treats the proxy's response as the server's.
    agent.on('proxyConnect', ({ statusCode }: { statusCode: number }, request: ClientRequest) => {
      if (statusCode === 200) return;
      request.destroy(Object.assign(new Error('the proxy did not connect'), { code: `EPROXY${statusCode}` }));
    });
    return agent;
  }
  // The URL parser normalizes `HTTPS:` to `https:`.
  return new URL(baseUrl).protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
}
