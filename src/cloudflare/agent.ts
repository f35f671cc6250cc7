// The agent keeps connections open, and goes through a proxy where there is one.

import { type ClientRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { ClientSettings } from './settings.ts';

/** @param closed aborts when no more requests are sent. The agent does not know a connection that waits for its proxy. */
export async function makeAgent(
  { baseUrl, proxy }: Pick<ClientSettings, 'baseUrl' | 'proxy'>,
  closed: AbortSignal,
): Promise<HttpAgent> {
  const options = { keepAlive: true };
  if (proxy !== undefined) {
    const { HttpsProxyAgent } = await import('https-proxy-agent'); // most runs have no proxy
    const agent = new HttpsProxyAgent(proxy, { ...options, signal: closed });
    // The library takes another answer than 200 for the answer to the request. That would let a proxy speak for the API.
    agent.on('proxyConnect', ({ statusCode }: { statusCode: number }, request: ClientRequest) => {
      if (statusCode === 200) return;
      request.destroy(Object.assign(new Error('the proxy does not connect'), { code: `EPROXY${statusCode}` }));
    });
    return agent;
  }
  // The parser of URLs knows that `HTTPS:` is `https:`.
  return new URL(baseUrl).protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
}
