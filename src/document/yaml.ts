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
  type Scalar,
  visit,
  type Document as YAMLDocument,
  type YAMLError,
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
const valuesMaxFor = (characters: number): number => Math.min(1_000_000, 10_000 + 20 * characters);

const OPTIONS = { prettyErrors: false, schema: 'core', stringKeys: true, uniqueKeys: false } as const;

/** The errors of an unquoted `*` and of an unquoted `: ` inside text. */
const MAY_BE_TEXT: ReadonlySet<string> = new Set(['BAD_ALIAS', 'BLOCK_AS_IMPLICIT_KEY']);
const PUT_IN_QUOTES = '. If this is text, put it in quotes';

/** @param isFree is any JSON value allowed at this path? Elsewhere, numbers are read as the text that was written */
export function readYaml(text: string, isFree: (path: Path) => boolean): Document {
  try {
    const document = parse(text);
    if (document === undefined) return refused({ message: TOO_DEEP });
    const position = positionsIn(text);
    const [error] = [...document.errors, ...document.warnings]; // parsing ended at the first
    if (error) return refused(syntaxFlaw(error, text, position(error.pos[0])));

    const root = document.contents;
    const resolve = resolverOf(document);
    const conversion = new Conversion({ isFree, resolve, position, valuesMax: valuesMaxFor(text.length) });
    return {
      value: conversion.toJson(root),
      flaws: conversion.flaws,
      positionOf: (path, of) => {
        const start = locate(root, path, of, resolve);
        return start === undefined ? undefined : position(start);
      },
    };
  } catch (error) {
    if (!isStackOverflow(error)) throw error;
    return refused({ message: TOO_DEEP });
  }
}

/** The library calls itself once or more for each level of a text. */
const isStackOverflow = (error: unknown): boolean =>
  error instanceof RangeError && /^Maximum call stack size exceeded/.test(error.message);

const refused = (flaw: Omit<Flaw, 'path'>): Document => ({
  value: undefined,
  flaws: [{ path: [], ...flaw }],
  positionOf: () => undefined,
});

function syntaxFlaw({ code, message }: YAMLError, text: string, position: Position): Omit<Flaw, 'path'> {
  const advice = MAY_BE_TEXT.has(code) ? PUT_IN_QUOTES : '';
  // The library's message about a key names an option of the library.
  const why = code === 'NON_STRING_KEY' ? 'a key must be text' : message;
  return {
    message: `not valid JSON or YAML: ${why}${advice}`,
    position,
    frame: frameAt(text, position),
  };
}

/**
 * Parses the text's only document; undefined if it is nested too deeply. The depth is checked during parsing, because
 * the library composes nodes recursively, and a stack overflow inside a regular expression ends the process.
 */
function parse(text: string): YAMLDocument | undefined {
  const parser = new Parser();
  const composing = new Composing();
  try {
    for (const lexeme of new Lexer().lex(text)) {
      composing.add(parser.next(lexeme));
      if (parser.stack.length > NESTING_MAX) return undefined;
    }
    composing.add(parser.end());
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
  }
  return composing.end(text.length);
}

type OnError = (...args: unknown[]) => void;

/**
 * The function that the library reports each error to. It is private, because the library has no public way to stop at
 * the first error within a document.
 */
function reporterOf(composer: Composer): OnError {
  const onError: unknown = Reflect.get(composer, 'onError');
  if (typeof onError === 'function') return onError as OnError;
  throw new TypeError('Composer without onError'); // parsing would not stop at the first error
}

/** Composes the first document of a text from its tokens. Any other document in the text is an error of the first. */
class Composing {
  readonly #composer = new Composer(OPTIONS);
  readonly #onError = reporterOf(this.#composer);
  #isBroken = false;
  #document: YAMLDocument | undefined;

  constructor() {
    // Otherwise the library goes on and makes an error object for each comma.
    const stopAtFirst: OnError = (...args) => {
      if (!this.#isBroken) this.#onError(...args); // the library reports what it catches, including this error
      this.#isBroken = true;
      throw new Broken();
    };
    Reflect.set(this.#composer, 'onError', stopAtFirst);
  }

  /** @throws {Broken} */
  add(tokens: Iterable<CST.Token>): void {
    for (const token of tokens) {
      this.#take(this.#composer.next(token));
      if (token.type === 'error' || this.#hasErrors()) throw new Broken();
    }
  }

  end(length: number): YAMLDocument | undefined {
    Reflect.set(this.#composer, 'onError', this.#onError);
    if (!this.#hasErrors()) this.#take(this.#composer.end(true, length));
    return this.#document;
  }

  #hasErrors(): boolean {
    return this.#document !== undefined && this.#document.errors.length > 0;
  }

  #take(documents: Iterable<YAMLDocument>): void {
    for (const document of documents) {
      if (!this.#document) this.#document = document;
      else if (!isEmpty(document)) this.#document.errors.push(anotherDocument(document));
    }
  }
}

const anotherDocument = ({ range }: YAMLDocument): YAMLParseError => {
  const [start = 0, end = 0] = range ?? [];
  return new YAMLParseError(
    [start, end],
    'MULTIPLE_DOCS',
    'the text has multiple YAML documents, but only one is allowed',
  );
};

/** Thrown at the first error. Parsing the rest would add nothing, and could give an error at every character. */
class Broken extends Error {}

/** `---` at the end of a text begins an empty document. */
const isEmpty = ({ contents }: YAMLDocument): boolean => isScalar(contents) && contents.source === '';

type Resolve = (node: unknown) => unknown;

/** Replaces an alias with its target, and returns any other node unchanged. */
function resolverOf(document: YAMLDocument): Resolve {
  let targets: ReturnType<typeof targetsOf> | undefined;
  return (node) => {
    if (!isAlias(node)) return node;
    targets ??= targetsOf(document);
    return targets.get(node);
  };
}

/**
 * The target of each alias: the last node before it that has the anchor. Faster than the library, which searches from
 * the top for each alias.
 */
function targetsOf(document: YAMLDocument): Map<Alias, Node | undefined> {
  const targets = new Map<Alias, Node | undefined>();
  const anchored = new Map<string | undefined, Node>();
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) targets.set(node, anchored.get(node.source));
      else anchored.set(node.anchor, node);
    },
  });
  return targets;
}

interface ConversionOptions {
  isFree: (path: Path) => boolean;
  resolve: Resolve;
  position: (offset: number) => Position;
  valuesMax: number;
}

/** Converts as much of a value to JSON as possible. Adds everything else to the flaws. */
class Conversion {
  readonly flaws: Flaw[] = [];
  readonly #options: ConversionOptions;
  /** The lists and maps that contain the current value. */
  readonly #open = new Set<unknown>();
  readonly #path: (string | number)[] = [];
  #values = 0;
  #isTooMuch = false;

  constructor(options: ConversionOptions) {
    this.#options = options;
  }

  /** @returns undefined if the value is nested too deeply or has too many values */
  toJson(root: unknown): Json | undefined {
    const value = this.#convert(root);
    return this.#isTooMuch ? undefined : value;
  }

  #convert(written: unknown): Json {
    if (this.#isTooMuch) return null;
    const { resolve, valuesMax } = this.#options;
    const node = resolve(written);
    if (isAlias(written) && node === undefined)
      return this.#refuse(written, `there is no anchor &${written.source} before this${PUT_IN_QUOTES}`);
    if (++this.#values > valuesMax) return this.#giveUp(written, `its aliases expand to more than ${valuesMax} values`);
    if (isScalar(node)) return this.#scalar(node);
    if (!isMap(node) && !isSeq(node)) return null;
    if (this.#open.has(node)) return this.#refuse(written, 'an alias of a value that contains this alias');
    if (this.#path.length === NESTING_MAX) return this.#giveUp(written, TOO_DEEP);
    this.#open.add(node);
    const result: Json = isSeq(node) ? node.items.map((item, i) => this.#inside(i, item)) : this.#object(node.items);
    this.#open.delete(node);
    return result;
  }

  #inside(step: string | number, written: unknown): Json {
    this.#path.push(step);
    const value = this.#convert(written);
    this.#path.pop();
    return value;
  }

  #object(pairs: readonly Pair[]): Json {
    const entries = new Map<string, Json>();
    for (const { key, value } of pairs) {
      const name = String(keyOf(key));
      if (entries.has(name)) {
        this.#path.push(name);
        this.#refuse(key, REPEATED_KEY);
        this.#path.pop();
      } else entries.set(name, this.#inside(name, value));
    }
    return Object.fromEntries(entries); // not assigned, because a key may be `__proto__`
  }

  #scalar(node: Scalar): Json {
    const { value, source } = node;
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    if (typeof value !== 'number') return this.#refuse(node, "a value that JSON doesn't support");
    if (source === undefined) return value;
    if (!this.#options.isFree(this.#path)) return source;
    if (/^0[ox]/i.test(source) && Number.isSafeInteger(value)) return value;
    const message = aboutNumber(source, value);
    return message === undefined ? value : this.#refuse(node, message);
  }

  #refuse(node: unknown, message: string): null {
    if (this.flaws.length >= PROBLEMS_MAX) return null;
    const start = startOf(node);
    const position = start === undefined ? {} : { position: this.#options.position(start) };
    this.flaws.push({ path: [...this.#path], message, ...position });
    return null;
  }

  #giveUp(node: unknown, message: string): null {
    this.#isTooMuch = true;
    return this.#refuse(node, message);
  }
}

const keyOf = (key: unknown): unknown => (isScalar(key) ? key.value : key);

/** Where a node begins in the text. */
const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

/** Where the value at `path`, or its key, begins in the text. */
function locate(root: unknown, path: Path, of: 'key' | 'value' | undefined, resolve: Resolve): number | undefined {
  let node = root;
  let start = startOf(root);
  for (const [depth, step] of path.entries()) {
    node = partOf(resolve(node), step, depth === path.length - 1 && of === 'key');
    const found = startOf(node);
    if (found === undefined) break; // a missing value has the position of its parent
    start = found;
  }
  return start;
}

function partOf(node: unknown, step: string | number, isKey: boolean): unknown {
  if (isSeq(node)) return node.items[step as number];
  if (!isMap(node)) return undefined;
  const pair = pairsOf(node).get(String(step));
  return isKey ? pair?.key : (pair?.value ?? pair?.key);
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
