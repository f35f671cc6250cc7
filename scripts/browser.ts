// Draws pages as pictures with a headless Chromium, through its DevTools protocol.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const BROWSERS = process.env.CHROMIUM ? [process.env.CHROMIUM] : ['chromium', 'chromium-browser', 'google-chrome'];
const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars --remote-debugging-port=0';
const LOADED = 'new Promise((done) => document.readyState === "complete" ? done() : addEventListener("load", done))';

export interface Look {
  theme: 'light' | 'dark';
  /** Width of the page, in CSS pixels. */
  width: number;
  /** The picture is cut off below this height, in CSS pixels. */
  heightMax: number;
  /** Pixels of the picture per CSS pixel. */
  scale?: number;
  phone?: boolean;
}

export interface Browser {
  /** @returns a PNG of the page in a file */
  draw(file: string, look: Look): Promise<Buffer>;
  close(): Promise<void>;
}

interface Reply {
  id?: number;
  result?: { data?: string; sessionId?: string; targetId?: string; cssContentSize?: { height: number } };
  error?: { message: string };
}

/** Undefined if Chromium isn't installed. */
export async function startBrowser(): Promise<Browser | undefined> {
  const profile = mkdtempSync(join(tmpdir(), 'pictures-'));
  for (const browser of BROWSERS) {
    const child = spawn(browser, [...FLAGS.split(' '), `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const address = await new Promise<string | undefined>((resolve) => {
      let output = '';
      child.on('error', () => resolve(undefined));
      child.on('close', () => resolve(undefined));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const found = /listening on (ws:\S+)/.exec(output)?.[1];
        if (found) resolve(found);
      });
    });
    if (address === undefined) continue;
    const socket = new WebSocket(address);
    await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
    const waiting = new Map<number, (reply: Reply) => void>();
    socket.addEventListener('message', ({ data }) => {
      const reply = JSON.parse(String(data)) as Reply;
      waiting.get(reply.id ?? 0)?.(reply);
    });
    let last = 0;
    const call = async (
      method: string,
      params: object = {},
      sessionId?: string,
    ): Promise<NonNullable<Reply['result']>> => {
      last += 1;
      const id = last;
      const received = new Promise<Reply>((resolve) => waiting.set(id, resolve));
      socket.send(JSON.stringify({ id, method, params, sessionId }));
      const { result, error } = await received;
      if (error || !result) throw new Error(`${method}: ${error?.message}`);
      return result;
    };
    const close = async (): Promise<void> => {
      const ended = new Promise((resolve) => child.on('close', resolve));
      // The browser may end before it replies, so only its end counts.
      call('Browser.close').catch(() => child.kill());
      await ended;
      rmSync(profile, { recursive: true, force: true });
    };
    const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
    const draw = async (file: string, { theme, width, heightMax, scale = 1, phone = false }: Look): Promise<Buffer> => {
      const features = [{ name: 'prefers-color-scheme', value: theme }];
      const metrics = { width, height: 100, deviceScaleFactor: scale, mobile: phone };
      await call('Emulation.setEmulatedMedia', { features }, sessionId);
      await call('Emulation.setDeviceMetricsOverride', metrics, sessionId);
      await call('Page.navigate', { url: pathToFileURL(file).href }, sessionId);
      await call('Runtime.evaluate', { expression: LOADED, awaitPromise: true }, sessionId);
      const { cssContentSize } = await call('Page.getLayoutMetrics', {}, sessionId);
      const clip = { x: 0, y: 0, width, height: Math.min(cssContentSize?.height ?? 100, heightMax), scale: 1 };
      const picture = { format: 'png', captureBeyondViewport: true, clip };
      const { data = '' } = await call('Page.captureScreenshot', picture, sessionId);
      return Buffer.from(data, 'base64');
    };
    return { draw, close };
  }
  rmSync(profile, { recursive: true, force: true });
  return undefined;
}
