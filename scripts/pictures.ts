// Draws the comment, summary and log of real runs, and our own documents, as pictures with a headless Chromium. Diagrams stay
// text.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { marked } from 'marked';
import { lostResponseLog, play, SCENE_NAMES, type SceneName, withLog } from '../__tests__/report/scenes.ts';
import { type Browser, startBrowser } from './browser.ts';
import { commandLine, UsageError } from './command-line.ts';
import { root } from './repository.ts';

const FOLDER = fileURLToPath(new URL('../build/pictures/', import.meta.url));
const WIDTHS = { wide: 880, phone: 390 };
const HEIGHT_MAX = 4_000;
const help = `Draws what people see, with a headless Chromium.

  npm run pictures                    real runs of every kind, into build/pictures/
  npm run pictures -- drift refused   these runs
  npm run pictures -- --readme        the picture of the README into docs/images/, and its log
  npm run pictures -- --documents     README and docs, as GitHub shows them, into build/pictures/
`;
const THEMES = ['light', 'dark'] as const;

const css = readFileSync(fileURLToPath(import.meta.resolve('github-markdown-css/github-markdown.css')), 'utf8');

/** GitHub's alerts. A plain Markdown renderer shows them as quotations. */
const withAlerts = (html: string): string =>
  html.replace(
    /<blockquote>\s*<p>\[!(CAUTION|NOTE|WARNING)\]\s*/g,
    (_, kind: string) =>
      `<blockquote class="markdown-alert markdown-alert-${kind.toLowerCase()}"><p class="markdown-alert-title">${kind.charAt(0)}${kind.slice(1).toLowerCase()}</p><p>`,
  );

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const coloured = (html: string): string =>
  html.replace(/<pre><code class="language-diff">([\s\S]*?)<\/code><\/pre>/g, (_, text: string) => {
    const lines = text
      .split('\n')
      .map((line) => `<span class="${{ '+': 'add', '-': 'del', '~': 'mod' }[line[0] ?? ''] ?? ''}">${line}</span>`);
    return `<pre><code>${lines.join('\n')}</code></pre>`;
  });

const page = (
  inside: string,
): string => `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>${css}
body { margin: 0 } .markdown-body { padding: 16px; box-sizing: border-box; min-height: 100px }
.add { background: #2da44e33 } .del { background: #cf222e33 } .log { white-space: pre-wrap; overflow-wrap: anywhere; font: 12px/1.5 monospace }
.markdown-alert-caution { border-left-color: #cf222e !important; color: inherit !important } .markdown-alert-note { border-left-color: #0969da !important; color: inherit !important }
.markdown-alert-title { font-weight: 600 }
</style><body><div class="markdown-body">${inside}</div>`;

const markdownPage = async (markdown: string): Promise<string> =>
  page(coloured(withAlerts(await marked.parse(markdown, { gfm: true }))));

const logPage = (log: string): string => page(`<div class="log">${escaped(log)}</div>`);

async function drawScenes(browser: Browser, names: readonly SceneName[]): Promise<number> {
  let drawn = 0;
  for (const name of names) {
    const { comment, summary, log } = await play(name);
    const pages = {
      ...(comment === '' ? {} : { comment: await markdownPage(comment) }),
      summary: await markdownPage(summary),
      log: logPage(log),
    };
    for (const [what, html] of Object.entries(pages)) {
      const file = join(FOLDER, `${name.replaceAll(' ', '-')}-${what}.html`);
      writeFileSync(file, html);
      for (const theme of THEMES) {
        for (const [size, width] of Object.entries(WIDTHS)) {
          const picture = await browser.draw(file, { theme, width, heightMax: HEIGHT_MAX, phone: size === 'phone' });
          writeFileSync(file.replace(/\.html$/, `-${theme}-${size}.png`), picture);
          drawn += 1;
        }
      }
    }
  }
  return drawn;
}

/** Makes the README's pictures, as wide as on GitHub and on a phone, in high resolution, and its log. All show real runs. */
async function drawReadme(browser: Browser): Promise<number> {
  const readme = join(root, 'README.md');
  const text = readFileSync(readme, 'utf8');
  writeFileSync(readme, withLog(text, await lostResponseLog()));
  const folder = join(root, 'docs', 'images');
  mkdirSync(folder, { recursive: true });
  const file = join(FOLDER, 'readme-plan.html');
  writeFileSync(file, await markdownPage((await play('prune')).comment));
  for (const theme of THEMES) {
    const wide = await browser.draw(file, { theme, width: 840, heightMax: 800, scale: 1.5 });
    writeFileSync(join(folder, `plan-${theme}.png`), wide);
    const phone = await browser.draw(file, { theme, width: WIDTHS.phone, heightMax: 800, scale: 2, phone: true });
    writeFileSync(join(folder, `plan-phone-${theme}.png`), phone);
  }
  return 2 * THEMES.length;
}

async function drawDocuments(browser: Browser): Promise<number> {
  const names = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))].filter((name) =>
    name.endsWith('.md'),
  );
  for (const name of names) {
    const file = join(FOLDER, `document-${name.replace(/\W/g, '-')}.html`);
    const html = await markdownPage(readFileSync(join(root, name), 'utf8'));
    writeFileSync(file, html.replace('<meta', `<base href="file://${join(root, name)}"><meta`));
    for (const theme of THEMES) {
      const picture = await browser.draw(file, { theme, width: 1012, heightMax: 12_000 });
      writeFileSync(file.replace(/\.html$/, `-${theme}.png`), picture);
    }
  }
  return names.length * THEMES.length;
}

const options = { readme: { type: 'boolean' }, documents: { type: 'boolean' } } as const;

await commandLine(help, { options, positionals: true }, async ({ values, positionals }) => {
  const unknown = positionals.find((name) => !SCENE_NAMES.some((known) => known === name));
  if (unknown !== undefined) throw new UsageError(`There is no scene "${unknown}": ${SCENE_NAMES.join(', ')}`);
  const wanted = SCENE_NAMES.filter((name) => positionals.length === 0 || positionals.includes(name));
  const browser = await startBrowser();
  if (!browser) {
    console.log('Chromium was not found, so nothing was drawn. Install it, or set CHROMIUM to its path.');
    return;
  }
  mkdirSync(FOLDER, { recursive: true });
  try {
    const drawn = values.readme
      ? await drawReadme(browser)
      : values.documents
        ? await drawDocuments(browser)
        : await drawScenes(browser, wanted);
    console.log(`${drawn} pictures in ${values.readme ? 'docs/images/' : 'build/pictures/'}`);
  } finally {
    await browser.close();
  }
});
