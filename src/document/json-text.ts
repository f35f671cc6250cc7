// Finds what JSON.parse doesn't report: where the parts of a valid JSON text are, which keys are repeated, and which
// numbers would change. Scans the text once, without recursion.

import {
  type Document,
  type Flaw,
  NESTING_MAX,
  type Path,
  type Position,
  PROBLEMS_MAX,
  positionsIn,
} from './position.ts';

/** Called for every key and value, in text order. The path is reused, so it changes afterwards. */
interface Visitor {
  key: (path: Path, at: number) => void;
  /** Only scalars have `end`. */
  value: (path: Path, at: number, end?: number) => void;
  leave?: () => void;
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
/** White space, a comma, `]` or `}`. */
const endsScalar = (code: number): boolean => isSpace(code) || code === 0x2c || code === 0x5d || code === 0x7d;

function spaceEnd(text: string, start: number): number {
  let end = start;
  while (isSpace(text.charCodeAt(end))) end += 1;
  return end;
}

function stringEnd(text: string, start: number): number {
  let end = start + 1;
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end + 1;
}

function scalarEnd(text: string, start: number): number {
  if (text[start] === '"') return stringEnd(text, start);
  let end = start;
  while (end < text.length && !endsScalar(text.charCodeAt(end))) end += 1;
  return end;
}

/** Scans a text that JSON.parse accepts. @returns false if it is nested too deeply */
const scan = (text: string, visitor: Visitor): boolean => new Scanner(text, visitor).scan();

class Scanner {
  readonly #text: string;
  readonly #visitor: Visitor;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string, visitor: Visitor) {
    this.#text = text;
    this.#visitor = visitor;
  }

  scan(): boolean {
    this.#skipSpace();
    for (;;) {
      const first = this.#text[this.#at];
      if (first === '{' || first === '[') {
        this.#visitor.value(this.#path, this.#at);
        if (this.#path.length === NESTING_MAX) return false;
        if (this.#enter(first)) continue;
      } else {
        this.#readScalar();
      }
      if (!this.#goOn()) return true;
    }
  }

  /** Goes to the first value in an object or array. If there is none, leaves it. @returns whether there is one */
  #enter(bracket: '{' | '['): boolean {
    this.#step();
    const next = this.#text[this.#at];
    if (next === '}' || next === ']') {
      this.#at += 1;
      this.#visitor.leave?.();
      return false;
    }
    this.#path.push(bracket === '[' ? 0 : '');
    if (bracket === '{') this.#readKey();
    return true;
  }

  /** Leaves the objects and arrays that end here, and goes to the next value. @returns whether there is one */
  #goOn(): boolean {
    this.#skipSpace();
    while (this.#path.length > 0 && this.#text[this.#at] !== ',') {
      this.#step(); // the bracket
      this.#path.pop();
      this.#visitor.leave?.();
    }
    const last = this.#path.at(-1);
    if (last === undefined) return false;
    this.#step(); // the comma
    if (typeof last === 'number') this.#path[this.#path.length - 1] = last + 1;
    else this.#readKey();
    return true;
  }

  #readKey(): void {
    const start = this.#at;
    this.#at = stringEnd(this.#text, start);
    this.#path[this.#path.length - 1] = JSON.parse(this.#text.slice(start, this.#at)) as string;
    this.#visitor.key(this.#path, start);
    this.#skipSpace();
    this.#step(); // the colon
  }

  #readScalar(): void {
    const start = this.#at;
    this.#at = scalarEnd(this.#text, start);
    this.#visitor.value(this.#path, start, this.#at);
  }

  /** Goes past one character, and the white space after it. */
  #step(): void {
    this.#at += 1;
    this.#skipSpace();
  }

  #skipSpace(): void {
    this.#at = spaceEnd(this.#text, this.#at);
  }
}

/**
 * Finds what would be lost or changed if the value were sent: repeated keys, and numbers that a double can't represent.
 * @param isFree is any JSON value allowed at this path? Elsewhere, a number is reported as having the wrong type.
 * @returns undefined if the text is nested too deeply
 */
export function flawsInJson(text: string, isFree: (path: Path) => boolean): Flaw[] | undefined {
  const position = positionsIn(text);
  const flaws: Flaw[] = [];
  const add = (path: Path, message: string, at: number): void => {
    if (flaws.length < PROBLEMS_MAX) flaws.push({ path: [...path], message, position: position(at) });
  };
  /** For each level, the keys of the object that was entered last. */
  const keys: Set<unknown>[] = [];
  const isShallow = scan(text, {
    key: (path, at) => {
      const seen = keys[path.length] as Set<unknown>;
      const last = path.at(-1);
      if (seen.has(last)) add(path, REPEATED_KEY, at);
      seen.add(last);
    },
    value: (path, at, end) => {
      if (end === undefined) keys[path.length + 1] = new Set();
      else if (/[\d-]/.test(text[at] as string) && isFree(path)) {
        const message = aboutNumber(text.slice(at, end));
        if (message !== undefined) add(path, message, at);
      }
    },
  });
  return isShallow ? flaws : undefined;
}

export const REPEATED_KEY = 'is repeated: keys must be unique in an object';

interface Part {
  at: number;
  keyAt?: number;
  parts: Map<string | number, Part>;
}

/** Finds positions in a text that JSON.parse accepts. The text is scanned when a position is first requested. */
export function positionsInJson(text: string): Document['positionOf'] {
  const position = positionsIn(text);
  let root: Part | undefined;
  return (path, of = 'value'): Position => {
    root ??= partsOf(text);
    let part = root;
    for (const step of path) {
      const inside: Part | undefined = part.parts.get(step);
      if (!inside) return position(part.at); // a missing value gets the position of its parent
      part = inside;
    }
    return position(of === 'key' ? (part.keyAt ?? part.at) : part.at);
  };
}

function partsOf(text: string): Part {
  const open: Part[] = [];
  let keyAt: number | undefined;
  let root: Part | undefined;
  scan(text, {
    key: (_, at) => {
      keyAt = at;
    },
    value: (path, at, end) => {
      const part: Part = { at, ...(keyAt === undefined ? {} : { keyAt }), parts: new Map() };
      keyAt = undefined;
      root ??= part;
      open.at(-1)?.parts.set(path.at(-1) as string | number, part);
      if (end === undefined) open.push(part);
    },
    leave: () => void open.pop(),
  });
  return root as Part;
}

const SHOWN_MAX = 60;
const shown = (source: string): string => (source.length > SHOWN_MAX ? `${source.slice(0, SHOWN_MAX)}…` : source);

/** Why a number can't be sent as written, if it can't. */
export function aboutNumber(source: string, value = Number(source)): string | undefined {
  if (!Number.isFinite(value)) return `${shown(source)} is not a valid JSON number`;
  return isExactNumber(source) ? undefined : `the number ${shown(source)} would be sent as ${value}: put it in quotes`;
}

/** Does a decimal number keep its value when it is read as a double and written again? */
export function isExactNumber(source: string): boolean {
  const value = Number(source);
  return Number.isFinite(value) && decimalKey(String(value)) === decimalKey(source);
}

/** The digits without leading or trailing zeros, and the exponent of the last digit. Equal numbers give equal texts. */
function decimalKey(decimal: string): string | undefined {
  const match = /^[-+]?(\d*)(?:\.(\d*))?(?:e([-+]?\d+))?$/i.exec(decimal);
  if (!match) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`;
  let [first, end] = [0, digits.length];
  while (digits[first] === '0') first += 1;
  while (end > first && digits[end - 1] === '0') end -= 1;
  if (first === end) return '0';
  const power = Number(exponent) - fraction.length + digits.length - end;
  return `${digits.slice(first, end)}e${power}`;
}
