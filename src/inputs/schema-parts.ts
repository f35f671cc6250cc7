// The building blocks for the schemas of inputs, lists and the config file, and functions to query a schema at a path.
//
// Why zod's mini API: it doesn't accept an array as an object, it reports every unknown key (including `__proto__`),
// and it writes JSON Schema itself. Valibot starts 4 ms faster (of about 60 ms). But it accepts `[]` as `{}` and
// silently drops `__proto__`, which would be dangerous, because an empty recipient means the whole organization.

import * as z from 'zod/mini';
import type { Path } from '../document/position.ts';
import { closest, didYouMean } from '../share/closest.ts';
import { isTemporaryName } from '../share/temporary-name.ts';
import { LETTER_OR_DIGIT, quoted, UNSEEN } from '../share/words.ts';
import { got } from './reading.ts';

z.config({ jitless: true }); // compiling parsers pays off only after thousands of objects, and it needs eval

/** Builds a value on first use, so that a run without a list doesn't wait for the schema of that list. */
export function once<T>(build: () => T): () => T {
  let built: T | undefined;
  return () => (built ??= build());
}

export const described = (description: string) => z.describe(description);

const emptyText = (what: string): string => `is empty: the ${what} is missing (an unset variable or secret?)`;

/** The message about a value of the wrong type. An empty one usually comes from an unset variable. */
export const mustBe =
  (what: string) =>
  ({ input }: { input?: unknown }): string =>
    input === null ? `is empty: must be ${what}` : `must be ${what}`;

/** An object with exactly these keys. Each misspelled key is an error at its own place. */
export const closed = <T extends z.core.$ZodShape>(what: string, shape: T) =>
  z.strictObject(shape, { error: ({ input }) => mustBe(what)({ input }) });

/** The message about an unknown key. */
export const unknownKey = (key: string, known: readonly string[]): string =>
  `unknown key (known: ${known.join(', ')})${didYouMean(closest(key, known, 1))}`;

/** One of a few words. `choices` lists them for people. */
export const oneOf = <const T extends readonly [string, ...string[]]>(
  words: T,
  choices = `one of ${words.join(', ')}`,
) =>
  z.enum(words, {
    error: ({ input }) => {
      const lowerCase = words.filter((word) => word === word.toLowerCase());
      const meant = typeof input === 'string' ? closest(input, lowerCase, 1) : [];
      return `${got(input)}; must be ${choices}${didYouMean(meant)}`;
    },
  });

export const text = (what: string) =>
  z.string({
    error: ({ input }) => {
      if (typeof input === 'object') return `must be text (the ${what})`;
      return typeof input === 'number'
        ? `is a number: put the ${what} in quotes`
        : `${got(input)}; put the ${what} in quotes`;
    },
  });

/** Text with at least one visible character and at most `max` characters. */
export const visibleText = (what: string, max: number) =>
  text(what).check(
    z.regex(/\S/, { error: emptyText(what), abort: true }),
    z.refine((value) => charactersIn(value) <= max, {
      error: ({ input }) => tooLong(what, charactersIn(String(input)), max),
    }),
    z.meta({ maxLength: max }),
  );

const charactersIn = (value: string): number => {
  let count = 0;
  for (const _ of value) count += 1;
  return count;
};

const article = (what: string): string => (/^[aeiou]/.test(what) ? 'an' : 'a');
export const tooLong = (what: string, length: number, max: number): string =>
  `is ${length} characters long; ${article(what)} ${what} has at most ${max}`;

/** The maximum length of a name. Cloudflare doesn't publish a limit. */
export const NAME_MAX = 1000;

export const shareName = (what: string) =>
  visibleText(what, NAME_MAX).check(z.refine((name) => !isTemporaryName(name), { error: TEMPORARY_NAME }));

const TEMPORARY_NAME =
  'looks like a temporary name, "… [creating …]", which the action uses only while it creates a share: choose another name';

interface Alphabet {
  pattern: RegExp;
  words: string;
}

/** The characters of ids that are part of a request's path, so that nothing but an id can get into the path. */
const LETTERS_AND_DIGITS: Alphabet = { pattern: /^[A-Za-z0-9_-]*$/, words: 'A-Z, a-z, 0-9, _ and -' };
/** The characters of ids that come from other Cloudflare products. */
export const VISIBLE_ASCII: Alphabet = {
  pattern: /^[!#%&(-z|~]*$/,
  words: 'visible ASCII characters other than quotes, $, { and }',
};

/** The characters of a word that Cloudflare may know, even if this version doesn't. */
export const NO_SPACE: Alphabet = {
  pattern: /^[^\s\u0000-\u001f\u007f-\u009f]*$/,
  words: 'characters other than white space',
};

/** An id copied from Cloudflare. Rejects any other character, and says what it probably is. */
export const identifier = (what: string, max: number, alphabet = LETTERS_AND_DIGITS) =>
  text(what).check(
    z.minLength(1, { error: emptyText(what) }),
    z.regex(alphabet.pattern, { error: ({ input }) => notInId(String(input), what, alphabet), abort: true }),
    z.maxLength(max, { error: ({ input }) => tooLong(what, String(input).length, max), abort: true }),
  );

/** The first invalid character of an id, its position, and how it may have got there. */
function notInId(value: string, what: string, { pattern, words }: Alphabet): string {
  if (/^\d(\.\d+)?e\+\d+$/i.test(value)) {
    return `${got(value)}, which YAML parsed as a number: put the ${what} in quotes`;
  }
  const characters = [...value];
  const at = characters.findIndex((character) => !pattern.test(character));
  const character = characters[at] ?? '';
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  const shown = /[!-~]/.test(character) ? quoted(character) : code;
  return `${got(value)}, with ${shown} at position ${at + 1}${whyInId(value, character)}; ${article(what)} ${what} can contain only ${words}`;
}

function whyInId(value: string, character: string): string {
  if (/\$\{|\{\{|\$[A-Za-z_(]/.test(value)) return ', a variable that was never expanded';
  if (/["'`‘’“”„‚«»]/.test(character)) return ', a quote: remove the quotes inside the value';
  if (/\s/.test(character)) return ', white space';
  if (character.search(UNSEEN) === 0) return ', an invisible character: copy the id again';
  if (new RegExp(`[${LETTER_OR_DIGIT}]`, 'u').test(character))
    return `, ${quoted(character)}, which might only look like a Latin letter: copy the id again`;
  return '';
}

const CLOUDFLARE_ID_LENGTH = 32;
/** Shorter ids are unlikely to be truncated ids. */
const CUT_OFF_MIN = 8;

/** A warning about hexadecimal digits that are too few or too many for a Cloudflare id. */
export const unexpectedLength = (id: string): string | undefined =>
  /^[0-9a-f]+$/i.test(id) && id.length >= CUT_OFF_MIN && id.length !== CLOUDFLARE_ID_LENGTH
    ? `has ${id.length} hexadecimal digits, but Cloudflare ids have ${CLOUDFLARE_ID_LENGTH}: was it copied completely?`
    : undefined;

type Part = z.core.$ZodTypes;

/** What a schema has at a path. `anything`: any JSON value. Undefined: nothing is allowed there. */
export function partAt(schema: z.ZodMiniType, path: Path): Part | 'anything' | undefined {
  let part = unwrapped(schema as unknown as Part);
  for (const step of path) {
    const { def } = part._zod;
    let inside: unknown;
    if (def.type === 'record') return 'anything';
    if (def.type === 'array') inside = typeof step === 'number' ? def.element : undefined;
    if (def.type === 'object') inside = Object.hasOwn(def.shape, step) ? def.shape[step] : undefined;
    if (inside === undefined) return undefined;
    part = unwrapped(inside as Part);
  }
  return part;
}

/** The keys of the object that a schema has at a path. */
export function keysAt(schema: z.ZodMiniType, path: Path): string[] {
  const part = partAt(schema, path);
  return part !== undefined && part !== 'anything' && part._zod.def.type === 'object'
    ? Object.keys(part._zod.def.shape)
    : [];
}

function unwrapped(part: Part): Part {
  const { def } = part._zod;
  return def.type === 'optional' ? unwrapped(def.innerType as Part) : part;
}
