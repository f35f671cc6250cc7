// Converts YAML 1.2 (core schema) to JSON values, with positions. Rejects values that JSON doesn't support.

import {
  type Alias,
  Composer,
  type CST,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  Parser,
  visit,
  type Document as YAMLDocument,
  type YAMLMap,
  YAMLParseError,
} from 'yaml';
import type { Json } from '../share/json.ts';
import { aboutNumber, REPEATED_KEY } from './json-text.ts';
import {
  type Document,
  type Flaw,
  frameAt,
  NESTING_MAX,
  type Path,
  type Position,
  PROBLEMS_MAX,
  positionsIn,
  TOO_DEEP,
} from './position.ts';

/**
 * How many values the aliases in a text of this length can expand to. The limit protects against a "billion laughs"
 * attack.
 */
const valuesMax = (characters: number): number => Math.min(1_000_000, 10_000 + 20 * characters);

const OPTIONS = { prettyErrors: false, schema: 'core', stringKeys: true, uniqueKeys: false } as const;

/** The errors of an unquoted `*` and of an unquoted `: ` inside text. */
const MAY_BE_TEXT: ReadonlySet<string> = new Set(['BAD_ALIAS', 'BLOCK_AS_IMPLICIT_KEY']);
const PUT_IN_QUOTES = '. If this is text, put it in quotes';

/** @param isFree is any JSON value allowed at this path? Elsewhere, numbers are read as the text that was written */
export function readYaml(text: string, isFree: (path: Path) => boolean): Document {
  const position = positionsIn(text);
  const refused = (flaw: Omit<Flaw, 'path'>): Document => ({
    value: undefined,
    flaws: [{ path: [], ...flaw }],
    positionOf: () => undefined,
  });
  try {
    const document = parse(text);
    if (document === undefined) return refused({ message: TOO_DEEP });
    // One mistake causes many more errors, so report the first.
    const [error] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
    if (error) {
      const at = position(error.pos[0]);
      return refused({
        message: `not valid JSON or YAML: ${error.message.replace(/; please use .*$/, '')}${MAY_BE_TEXT.has(error.code) ? PUT_IN_QUOTES : ''}`,
        position: at,
        frame: frameAt(text, at),
      });
    }
    const root = document.contents;
    let targets: ReturnType<typeof targetsOf> | undefined;
    const resolve = (node: unknown): unknown => {
      if (!isAlias(node)) return node;
      targets ??= targetsOf(document);
      return targets.get(node);
    };
    const flaws: Flaw[] = [];
    const value = toJson(root, { isFree, resolve, position, flaws, most: valuesMax(text.length) });
    return {
      value,
      flaws,
      positionOf: (path, of = 'value') => locate(root, path, of, resolve, position),
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // from the library's own recursion
    return refused({ message: TOO_DEEP });
  }
}

/**
 * Parses the text's only document; undefined if it is nested too deeply. The depth is checked during parsing, because
 * the library composes nodes recursively, and a stack overflow inside a regular expression ends the process.
 */
function parse(text: string): YAMLDocument | undefined {
  const parser = new Parser();
  const composer = new Composer(OPTIONS);
  let first: YAMLDocument | undefined;
  const take = (documents: Iterable<unknown>): void => {
    for (const document of documents as Iterable<YAMLDocument>) {
      if (!first) first = document;
      else if (!isEmpty(document)) {
        const [start = 0, end = 0] = document.range ?? [];
        first.errors.push(
          new YAMLParseError(
            [start, end],
            'MULTIPLE_DOCS',
            'the text has multiple YAML documents, but only one is allowed',
          ),
        );
      }
    }
  };
  const compose = (tokens: Iterable<CST.Token>): void => {
    for (const token of tokens) {
      take(composer.next(token));
      if (token.type === 'error' || (first && first.errors.length > 0)) throw new Broken();
    }
  };
  const onError = Reflect.get(composer, 'onError') as (...args: unknown[]) => void;
  let isBroken = false;
  const stopAtFirst: typeof onError = (...args) => {
    if (!isBroken) onError(...args); // the library reports what it catches, including this error
    isBroken = true;
    throw new Broken();
  };
  try {
    Reflect.set(composer, 'onError', stopAtFirst); // otherwise the library goes on and makes an error object for each comma
    for (const lexeme of new Lexer().lex(text)) {
      compose(parser.next(lexeme));
      if (parser.stack.length > NESTING_MAX) return undefined;
    }
    compose(parser.end());
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
  }
  Reflect.set(composer, 'onError', onError);
  if (!first || first.errors.length === 0) take(composer.end(true, text.length));
  return first;
}

/** Thrown at the first error. Parsing the rest would add nothing, and could give an error at every character. */
class Broken extends Error {}

/** `---` at the end of a text begins an empty document. */
const isEmpty = ({ contents, errors }: YAMLDocument): boolean =>
  errors.length === 0 && (contents === null || (isScalar(contents) && contents.source === ''));

/**
 * The target of each alias: the last node before it that has the anchor. Faster than the library, which searches from
 * the top for each alias.
 */
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
  isFree: (path: Path) => boolean;
  resolve: (node: unknown) => unknown;
  position: (offset: number) => Position;
  flaws: Flaw[];
  /** The maximum number of values. */
  most: number;
}

/**
 * Converts as much of the value as possible. Adds everything else to the flaws.
 * @returns undefined if it has too many values
 */
function toJson(root: Node | null, { isFree, resolve, position, flaws, most }: Conversion): Json | undefined {
  const open = new Set<unknown>();
  const path: (string | number)[] = [];
  let values = 0;
  let isTooMuch = false;

  const refuse = (node: unknown, message: string): null => {
    if (flaws.length >= PROBLEMS_MAX) return null;
    const start = isNode(node) ? node.range?.[0] : undefined;
    flaws.push({ path: [...path], message, ...(start === undefined ? {} : { position: position(start) }) });
    return null;
  };

  const giveUp = (node: unknown, message: string): null => {
    isTooMuch = true;
    return refuse(node, message);
  };

  const convert = (written: unknown): Json => {
    if (isTooMuch) return null;
    const node = resolve(written);
    if (isAlias(written) && node === undefined)
      return refuse(written, `there is no anchor &${written.source} before this${PUT_IN_QUOTES}`);
    if (++values > most) return giveUp(written, `its aliases expand to more than ${most} values`);
    if (isScalar(node)) return scalar(node.value, node.source, node);
    if (!isMap(node) && !isSeq(node)) return null;
    if (open.has(node)) return refuse(written, 'an alias of a value that contains this alias');
    if (path.length === NESTING_MAX) return giveUp(written, TOO_DEEP);
    open.add(node);
    const result: Json = isSeq(node) ? node.items.map((item, i) => inside(i, item)) : object(node.items);
    open.delete(node);
    return result;
  };

  const inside = (step: string | number, written: unknown): Json => {
    path.push(step);
    const value = convert(written);
    path.pop();
    return value;
  };

  const object = (pairs: readonly Pair[]): Json => {
    const entries = new Map<string, Json>();
    for (const { key, value } of pairs) {
      const name = String(keyOf(key));
      if (entries.has(name)) {
        path.push(name);
        refuse(key, REPEATED_KEY);
        path.pop();
      } else entries.set(name, inside(name, value));
    }
    return Object.fromEntries(entries); // not assigned, because a key may be `__proto__`
  };

  const scalar = (value: unknown, source: string | undefined, node: unknown): Json => {
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    if (typeof value !== 'number') return refuse(node, "a value that JSON doesn't support");
    if (source === undefined) return value;
    if (!isFree(path)) return source;
    if (/^0[ox]/i.test(source) && Number.isSafeInteger(value)) return value;
    const message = aboutNumber(source, value);
    return message === undefined ? value : refuse(node, message);
  };

  const value = convert(root);
  return isTooMuch ? undefined : value;
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
      const pair = pairsOf(inside).get(String(step));
      const last = depth === path.length - 1;
      node = last && of === 'key' ? pair?.key : (pair?.value ?? pair?.key);
    } else {
      node = undefined;
    }
    const found = isNode(node) ? node.range?.[0] : undefined;
    if (found === undefined) break; // a missing value has the position of its parent
    start = found;
  }
  return start === undefined ? undefined : position(start);
}

/** The pairs of a map by key, built once, because a map can have thousands of keys, each with a problem. */
function pairsOf(map: YAMLMap): Map<string, Pair> {
  let pairs = pairsOfMaps.get(map);
  if (!pairs) {
    pairs = new Map();
    for (const pair of map.items) {
      const key = String(keyOf(pair.key));
      if (!pairs.has(key)) pairs.set(key, pair);
    }
    pairsOfMaps.set(map, pairs);
  }
  return pairs;
}

const pairsOfMaps = new WeakMap<YAMLMap, Map<string, Pair>>();
