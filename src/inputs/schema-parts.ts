// The parts that the schemas of inputs, lists and the config file are built of, and ways to ask a schema about a path.
//
// Why zod's mini form: an array is not an object to it, every unknown key is reported, `__proto__` among them, and it
// writes JSON Schema itself. Valibot starts 4 ms sooner (of about 60), but takes `[]` for `{}` and drops `__proto__`
// unseen - and an empty recipient means the whole organization.

import * as z from 'zod/mini';
import type { Path } from '../document/position.ts';
import { closest } from '../share/closest.ts';
import { isTemporaryName } from '../share/election.ts';
import { quoted, UNSEEN } from '../share/words.ts';
import { got } from './reading.ts';

z.config({ jitless: true }); // compiling parsers pays off after thousands of objects, and needs eval

/** Built when it is first used: a run without such a list does not wait for its schema. */
export function once<T>(build: () => T): () => T {
  let built: T | undefined;
  return () => (built ??= build());
}

export const described = (description: string) => z.describe(description);

export const emptyText = (what: string): string =>
  `is empty: the ${what} is missing (a variable or secret that is not set?)`;

/** What is wrong with a value of another type than asked for. An empty one is most often an unset variable. */
export const mustBe =
  (what: string) =>
  ({ input }: { input?: unknown }): string =>
    input === null ? `is empty: must be ${what}` : `must be ${what}`;

/** An object with these keys and no others: a misspelt key is an error, each one, at its place. */
export const closed = <T extends z.core.$ZodShape>(what: string, shape: T) =>
  z.strictObject(shape, { error: ({ input }) => mustBe(what)({ input }) });

const didYouMean = (meant: string | undefined): string => (meant === undefined ? '' : `. Did you mean ${meant}?`);

/** What to say of a key that an object does not have. */
export function unknownKey(key: string, known: readonly string[]): string {
  const [meant] = closest(key, known, 1);
  return `unknown key (known: ${known.join(', ')})${didYouMean(meant)}`;
}

/** One of a few words. `choices` says which, for people. */
export const oneOf = <const T extends readonly [string, ...string[]]>(
  words: T,
  choices = `one of ${words.join(', ')}`,
) =>
  z.enum(words, {
    error: ({ input }) => {
      const lowerCase = words.filter((word) => word === word.toLowerCase());
      const [meant] = typeof input === 'string' ? closest(input, lowerCase, 1) : [];
      return `${got(input)}; ${choices}${didYouMean(meant)}`;
    },
  });

export const text = (what: string) =>
  z.string({
    error: ({ input }) => {
      if (input === null) return emptyText(what);
      if (typeof input === 'object') return `must be text, the ${what}`;
      return typeof input === 'number'
        ? `is a number: put the ${what} in quotes`
        : `${got(input)}; put the ${what} in quotes`;
    },
  });

/** Text with something to see in it, of at most so many characters. */
export const visibleText = (what: string, max: number) =>
  text(what).check(
    z.regex(/\S/, { error: emptyText(what), abort: true }),
    z.refine((value) => charactersIn(value) <= max, {
      error: ({ input }) => tooLong(what, charactersIn(String(input)), max),
      abort: true,
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

/** The most characters of a name. Cloudflare publishes no limit. */
export const NAME_MAX = 1000;

export const shareName = (what: string) =>
  visibleText(what, NAME_MAX).check(z.refine((name) => !isTemporaryName(name), { error: TEMPORARY_NAME }));

export const TEMPORARY_NAME =
  'looks like a temporary name, "… [creating …]", which a share has only while it is created: choose another';

interface Alphabet {
  pattern: RegExp;
  words: string;
}

/** The characters of ids that are part of a request's path: nothing but an id can be written there. */
export const LETTERS_AND_DIGITS: Alphabet = { pattern: /^[A-Za-z0-9_-]*$/, words: 'A-Z, a-z, 0-9, _ and -' };
/** The characters of ids of things that other products of Cloudflare name. */
export const VISIBLE_ASCII: Alphabet = {
  pattern: /^[!#%&(-z|~]*$/,
  words: 'visible ASCII characters without quotes, $, { and }',
};

/** The characters of a word that Cloudflare may have and this version does not know. */
export const NO_SPACE: Alphabet = {
  pattern: /^[^\s\u0000-\u001f\u007f-\u009f]*$/,
  words: 'characters that are no white space',
};

/** An id that the workflow copies from Cloudflare. Whatever is no part of one is refused, with what it most likely is. */
export const identifier = (what: string, max: number, alphabet = LETTERS_AND_DIGITS) =>
  text(what).check(
    z.minLength(1, { error: emptyText(what), abort: true }),
    z.regex(alphabet.pattern, { error: ({ input }) => notInId(String(input), what, alphabet), abort: true }),
    z.maxLength(max, { error: ({ input }) => tooLong(what, String(input).length, max), abort: true }),
  );

/** The first character that no id has, where it is, and why it may be there. */
function notInId(value: string, what: string, { pattern, words }: Alphabet): string {
  if (/^\d(\.\d+)?e\+\d+$/i.test(value)) {
    return `${got(value)}, a number that YAML made of the digits: put the ${what} in quotes`;
  }
  const characters = [...value];
  const at = characters.findIndex((character) => !pattern.test(character));
  const character = characters[at] ?? '';
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  const shown = /[!-~]/.test(character) ? quoted(character) : code;
  return `${got(value)}, with ${shown} at position ${at + 1}${whyInId(value, character)}; ${article(what)} ${what} has only ${words}`;
}

function whyInId(value: string, character: string): string {
  if (/\$\{|\{\{|\$[A-Za-z_(]/.test(value)) return ', a variable that was never expanded';
  if (/["'`‘’“”„‚«»]/.test(character)) return ', a quote: remove the quotes inside the value';
  if (/\s/.test(character)) return ', white space';
  if (character.search(UNSEEN) === 0) return ', a character that shows nothing: copy the id again';
  if (/\p{L}|\p{N}/u.test(character))
    return `, ${quoted(character)}, which may only look like a Latin letter: copy the id again`;
  return '';
}

const CLOUDFLARE_ID_LENGTH = 32;
/** Shorter ones are nobody's cut-off id. */
const CUT_OFF_MIN = 8;

/** A warning about hexadecimal digits that are too few or too many for an id of Cloudflare. */
export const oddLength = (id: string): string | undefined =>
  /^[0-9a-f]+$/i.test(id) && id.length >= CUT_OFF_MIN && id.length !== CLOUDFLARE_ID_LENGTH
    ? `has ${id.length} hexadecimal digits, and ids of Cloudflare have ${CLOUDFLARE_ID_LENGTH}: was it copied completely?`
    : undefined;

type Part = z.core.$ZodTypes;

/** What a schema has at a path. `anything`: whatever JSON can be. Undefined: nothing may be there. */
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
  return part._zod.def.type === 'record' ? 'anything' : part;
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
