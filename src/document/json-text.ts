// What JSON.parse does not tell: where the parts of a valid JSON text are, which keys are repeated, and which numbers would
// change. One scan from start to end, without recursion.

import {
  type Document,
  type Flaw,
  NESTING_MAX,
  type Path,
  type Position,
  PROBLEMS_MAX,
  positionsIn,
  TOO_DEEP,
} from './position.ts';

/** Is told of every key and value, in the order of the text. The path is the scan's own: it changes afterwards. */
interface Visitor {
  key?: (path: Path, at: number) => void;
  /** `end` is known for scalars alone. */
  value?: (path: Path, at: number, end?: number) => void;
  leave?: () => void;
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
/** White space, a comma, `]` or `}`. */
const endsScalar = (code: number): boolean => isSpace(code) || code === 0x2c || code === 0x5d || code === 0x7d;

/** Scans a text that JSON.parse reads. @returns false if it is nested too deeply */
function scan(text: string, { key, value, leave }: Visitor): boolean {
  const path: (string | number)[] = [];
  let at = 0;
  const skipSpace = (): void => {
    while (isSpace(text.charCodeAt(at))) at += 1;
  };
  const stringEnd = (): number => {
    let end = at + 1;
    while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
    return end + 1;
  };
  const readKey = (): void => {
    const end = stringEnd();
    path[path.length - 1] = JSON.parse(text.slice(at, end)) as string;
    key?.(path, at);
    at = end;
    skipSpace();
    at += 1; // the colon
    skipSpace();
  };
  skipSpace();
  for (;;) {
    const first = text[at];
    if (first === '{' || first === '[') {
      value?.(path, at);
      if (path.length === NESTING_MAX) return false;
      at += 1;
      skipSpace();
      if (text[at] !== '}' && text[at] !== ']') {
        path.push(first === '[' ? 0 : '');
        if (first === '{') readKey();
        continue;
      }
      at += 1;
      leave?.();
    } else {
      const start = at;
      if (first === '"') at = stringEnd();
      else while (at < text.length && !endsScalar(text.charCodeAt(at))) at += 1;
      value?.(path, start, at);
    }
    // What was read is whole. Go on after it, and leave what ends with it.
    for (;;) {
      skipSpace();
      if (path.length === 0) return true;
      const next = text[at];
      at += 1;
      skipSpace();
      if (next === ',') break;
      path.pop();
      leave?.();
    }
    const last = path.at(-1);
    if (typeof last === 'number') path[path.length - 1] = last + 1;
    else readKey();
  }
}

/**
 * What would be lost or changed if the value of the text were sent: repeated keys, and numbers that a double cannot hold.
 * @param isFree may any JSON value be at this path? Elsewhere a wrong number is reported as a value of a wrong type.
 */
export function flawsInJson(text: string, isFree: (path: Path) => boolean): Flaw[] {
  const position = positionsIn(text);
  const flaws: Flaw[] = [];
  const add = (path: Path, message: string, at: number): void => {
    if (flaws.length < PROBLEMS_MAX) flaws.push({ path: [...path], message, position: position(at) });
  };
  const keys: Set<unknown>[] = [];
  const isShallow = scan(text, {
    key: (path, at) => {
      keys[path.length] ??= new Set();
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
  return isShallow ? flaws : [{ path: [], message: TOO_DEEP }];
}

export const REPEATED_KEY = 'a repeated key: keys are unique in an object';

interface Part {
  at: number;
  keyAt?: number;
  parts: Map<string | number, Part>;
}

/** Finds positions in a text that JSON.parse reads. The text is scanned when the first one is asked for. */
export function positionsInJson(text: string): Document['positionOf'] {
  const position = positionsIn(text);
  let root: Part | undefined;
  return (path, of = 'value'): Position => {
    root ??= partsOf(text);
    let part = root;
    for (const step of path) {
      const inside: Part | undefined = part.parts.get(step);
      if (!inside) return position(part.at); // what is missing is where its parent is
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

/** Why a number cannot be sent as it was written, if it cannot. */
export function aboutNumber(source: string, value = Number(source)): string | undefined {
  if (!Number.isFinite(value)) return `${shown(source)} is not a number in JSON`;
  return isExactNumber(source) ? undefined : `the number ${shown(source)} would be sent as ${value}: put it in quotes`;
}

/** Does a decimal number, read as a double and written again, keep its value? */
export function isExactNumber(source: string): boolean {
  const value = Number(source);
  return Number.isFinite(value) && canonical(String(value)) === canonical(source);
}

/** A longer exponent is that of no double, other than zero. */
const EXPONENT_MAX = 10;

/** Sign, digits without zeros at either end, and the exponent of the last digit: equal for equal values. */
function canonical(decimal: string): string | undefined {
  const match = /^([-+]?)(\d*)(?:\.(\d*))?(?:e([-+]?\d+))?$/i.exec(decimal);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`;
  let [first, end] = [0, digits.length];
  while (digits[first] === '0') first += 1;
  while (end > first && digits[end - 1] === '0') end -= 1;
  if (first === end) return '0';
  if (exponent.length > EXPONENT_MAX) return undefined;
  const power = Number(exponent) - fraction.length + digits.length - end;
  return `${sign === '-' ? '-' : ''}${digits.slice(first, end)}e${power}`;
}
