// From YAML 1.2 (core schema) to JSON values, with positions. A value that JSON does not have is refused.

import {
  type Alias,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type Document as YAMLDocument,
  type YAMLMap,
} from 'yaml';
import type { Json } from '../share/json.ts';
import { isExactNumber } from './exact-number.ts';
import type { Document, Flaw, Path, Position } from './position.ts';

/** How many values a text may expand to by its aliases: a guard against "a billion laughs". */
const VALUES_MAX = 1_000_000;
const ERRORS_MAX = 5;

export function readYaml(text: string, { isText }: { isText: (path: Path) => boolean }): Document {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const flaws: Flaw[] = [];
  let root: Node | null = null;
  let value: Json | undefined;
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: 'core', stringKeys: true });
    // One mistake causes many errors after it: the first few are enough.
    for (const { message, pos } of [...document.errors, ...document.warnings].slice(0, ERRORS_MAX)) {
      const what = message
        .replace(/; please use .*$/, '')
        .replace('Maximum call stack size exceeded', 'Nested too deeply');
      flaws.push({ path: [], message: `not valid JSON or YAML: ${what}`, position: position(pos[0]) });
    }
    root = document.contents;
    let targets: ReturnType<typeof targetsOf> | undefined;
    const resolve = (node: unknown): unknown => {
      if (!isAlias(node)) return node;
      targets ??= targetsOf(document);
      return targets.get(node);
    };
    if (flaws.length === 0) value = toJson(root, { isText, resolve, position, flaws });
    return { value, flaws, positionOf: (path, of = 'value') => locate(root, path, of, resolve, position) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return {
      value: undefined,
      flaws: [{ path: [], message: 'nested too deeply to be read' }],
      positionOf: () => undefined,
    };
  }
}

/** What each alias stands for: the last node before it that has the anchor. (The library looks from the top each time.) */
function targetsOf(document: YAMLDocument): Map<Alias, Node | undefined> {
  const targets = new Map<Alias, Node | undefined>();
  const anchored = new Map<string, Node>();
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) targets.set(node, anchored.get(node.source));
      else if (node.anchor !== undefined) anchored.set(node.anchor, node);
    },
  });
  return targets;
}

interface Conversion {
  isText: (path: Path) => boolean;
  resolve: (node: unknown) => unknown;
  position: (offset: number) => Position;
  flaws: Flaw[];
}

/** @returns undefined when there is too much of it */
function toJson(root: Node | null, { isText, resolve, position, flaws }: Conversion): Json | undefined {
  const open = new Set<unknown>();
  let values = 0;

  const refuse = (node: unknown, path: Path, message: string): null => {
    const start = isNode(node) ? node.range?.[0] : undefined;
    flaws.push({ path, message, ...(start === undefined ? {} : { position: position(start) }) });
    return null;
  };

  const convert = (written: unknown, path: Path): Json => {
    const node = resolve(written);
    if (isAlias(written) && node === undefined)
      return refuse(written, path, `there is no anchor &${written.source} before this`);
    if (++values > VALUES_MAX) {
      return values === VALUES_MAX + 1
        ? refuse(written, path, `its aliases expand to over ${VALUES_MAX} values`)
        : null;
    }
    if (isScalar(node)) return scalar(node.value, node.source, node, path);
    if (!isMap(node) && !isSeq(node)) return null;
    if (open.has(node)) return refuse(written, path, 'an alias to a value that contains the alias');
    open.add(node);
    const result: Json = isSeq(node)
      ? node.items.map((item, i) => convert(item, [...path, i]))
      : // Defined, not assigned: a key may be `__proto__`.
        Object.fromEntries(
          node.items.map((pair) => [String(keyOf(pair.key)), convert(pair.value, [...path, String(keyOf(pair.key))])]),
        );
    open.delete(node);
    return result;
  };

  const scalar = (value: unknown, source: string | undefined, node: unknown, path: Path): Json => {
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    if (typeof value !== 'number') return refuse(node, path, 'not a value that JSON has');
    if (source !== undefined && isText(path)) return source;
    if (!Number.isFinite(value)) return refuse(node, path, `${source} is not a number in JSON`);
    const exact =
      source === undefined || (/^0[ox]/i.test(source) ? Number.isSafeInteger(value) : isExactNumber(source));
    return exact ? value : refuse(node, path, `the number ${source} would be sent as ${value}: put it in quotes`);
  };

  const json = convert(root, []);
  return values > VALUES_MAX ? undefined : json;
}

const keyOf = (key: unknown): unknown => (isScalar(key) ? key.value : key);

function locate(
  root: unknown,
  path: Path,
  of: 'key' | 'value',
  resolve: (node: unknown) => unknown,
  position: (offset: number) => Position,
): Position | undefined {
  let node: unknown = root;
  let start = isNode(node) ? node.range?.[0] : undefined;
  for (const [depth, step] of path.entries()) {
    const inside = resolve(node);
    if (isSeq(inside) && typeof step === 'number') {
      node = inside.items[step];
    } else if (isMap(inside)) {
      const pair = pairOf(inside, String(step));
      const last = depth === path.length - 1;
      node = last && of === 'key' ? pair?.key : (pair?.value ?? pair?.key);
    } else {
      node = undefined;
    }
    const found = isNode(node) ? node.range?.[0] : undefined;
    if (found === undefined) break; // the position of a missing value is that of its parent
    start = found;
  }
  return start === undefined ? undefined : position(start);
}

const pairOf = (map: YAMLMap, key: string) => map.items.find((pair) => isPair(pair) && keyOf(pair.key) === key);
