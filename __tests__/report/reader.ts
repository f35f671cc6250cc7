// Renders Markdown as GitHub does, and returns the headings, lines, tables and elements that a reader sees.

import { marked } from 'marked';

export interface Element {
  tag: string;
  attributes: string;
  children: (Element | string)[];
}

const NO_END = new Set(['br', 'hr', 'img', 'input']);

/** The elements of the page. Entities are decoded to characters, as on the page. */
export function render(markdown: string): Element {
  const root: Element = { tag: 'body', attributes: '', children: [] };
  const open = [root];
  const html = marked.parse(markdown.replace(/<!--[\s\S]*?-->/g, ''), { gfm: true, async: false });
  for (const [, end, tag = '', attributes = '', text] of html.matchAll(/<(\/?)([a-zA-Z][\w-]*)([^>]*)>|([^<]+|<)/g)) {
    const top = open.at(-1) as Element;
    if (text !== undefined) top.children.push(decoded(text));
    else if (end) open.splice(open.map((each) => each.tag).lastIndexOf(tag));
    else {
      const element = { tag, attributes, children: [] };
      top.children.push(element);
      if (!NO_END.has(tag)) open.push(element);
    }
  }
  return root;
}

const decoded = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_, n) => String.fromCodePoint(Number(n)))
    .replace(/&(lt|gt|quot|amp);/g, (_, name: string) => ({ lt: '<', gt: '>', quot: '"', amp: '&' })[name] ?? '');

export const textOf = (node: Element | string): string =>
  typeof node === 'string' ? node : node.children.map(textOf).join('').replaceAll('\u2060', '');

export const elementsOf = (node: Element | string): Element[] =>
  typeof node === 'string' ? [] : [node, ...node.children.flatMap(elementsOf)];

const all = (page: Element, ...tags: string[]): Element[] => elementsOf(page).filter(({ tag }) => tags.includes(tag));

export type Read = ReturnType<typeof read>;

/** A page as someone reads it from the top. */
export function read(markdown: string) {
  const page = render(markdown);
  return {
    page,
    text: textOf(page),
    heading: textOf(all(page, 'h1', 'h2', 'h3')[0] ?? ''),
    /** Paragraphs and list items in order, without collapsed content. */
    lines: all(page, 'p', 'li')
      .filter((each) =>
        each.children.some((child) => (typeof child === 'string' ? child.trim() !== '' : child.tag !== 'p')),
      )
      .map((each) =>
        textOf(each)
          .replace(/^\[!\w+\]/, '')
          .replace(/\s+/g, ' ')
          .trim(),
      ),
    tables: all(page, 'table').map((table) =>
      all(table, 'tr').map((row) => all(row, 'th', 'td').map((cell) => textOf(cell).trim())),
    ),
    diffs: all(page, 'pre')
      .filter((pre) => elementsOf(pre).some(({ attributes }) => attributes.includes('language-diff')))
      .map((pre) => textOf(pre).trim().split('\n')),
    diagrams: all(page, 'pre')
      .filter((pre) => elementsOf(pre).some(({ attributes }) => attributes.includes('language-mermaid')))
      .map(textOf),
    summaries: all(page, 'summary').map(textOf),
    links: all(page, 'a').map(({ attributes }) => /href="([^"]*)"/.exec(attributes)?.[1]),
    /** The page's structure: every element except code, in order. */
    tags: elementsOf(page)
      .map(({ tag }) => tag)
      .filter((tag) => tag !== 'code'),
  };
}

/** The text on the finished page that GitHub would turn into a mention, a reference or a link. */
export function references(page: Element): string[] {
  const found: string[] = [];
  const walk = (node: Element | string, inCode: boolean): void => {
    if (typeof node !== 'string') {
      if (node.tag !== 'a' && node.tag !== 'pre')
        for (const child of node.children) walk(child, inCode || node.tag === 'code');
      return;
    }
    const add = (pattern: RegExp): void => void found.push(...(node.match(pattern) ?? []));
    add(/[\w.+-]+@[\w-]+\.\w+/g); // an email address, even in code, because GitHub links it despite entities
    if (inCode) return;
    add(/@[a-z0-9][\w-]*/gi);
    add(/[\w./-]*#\d+/g);
    add(/\bGH-\d+/gi);
    add(/(?<!\w)[0-9a-f]{7,40}(?!\w)/gi);
    add(/:[\w+-]+:/g);
  };
  walk(page, false);
  return found;
}
