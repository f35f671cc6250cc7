// The parts that the schemas of lists and of the config file are built of.
//
// Why zod's mini form: an array is not an object to it, every unknown key is reported, `__proto__` among them, and it
// writes JSON Schema itself. Valibot starts 4 ms sooner (of about 60), but takes `[]` for `{}` and drops `__proto__`
// unseen - and an empty recipient means the whole organization.

import * as z from 'zod/mini';
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
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown key (known: ${Object.keys(shape).join(', ')})`
        : mustBe(what)({ input: issue.input }),
  });

export const text = (what: string) =>
  z.string({
    error: ({ input }) => {
      if (input === null) return emptyText(what);
      return typeof input === 'object' ? `must be text, the ${what}` : `${got(input)}; put the ${what} in quotes`;
    },
  });

export const identifier = (what: string, maxLength: number) =>
  text(what).check(
    z.minLength(1, { error: emptyText(what), abort: true }),
    z.maxLength(maxLength, {
      error: ({ input }) => `is ${String(input).length} characters long; a ${what} has at most ${maxLength}`,
      abort: true,
    }),
    z.regex(/^[^\s\u0000-\u001f\u007f-\u009f]*$/, `contains white space or control characters, which no ${what} has`),
  );

/** An id that stands in the path of a request: nothing but an id can be written there. */
export const idInPath = (what: string) =>
  z.regex(/^[A-Za-z0-9_-]{1,32}$/, {
    error: ({ input }) => `${got(input)}; ${what} has at most 32 characters of A-Z, a-z, 0-9, _ and -`,
  });

export const TEMPORARY_NAME =
  'looks like a temporary name, "… [creating …]", which a share has only while it is created: choose another';

/** Where text is meant even when YAML reads digits as a number: every identifier, name and label, outside `meta`. */
export const isText = (path: readonly (string | number)[]): boolean =>
  !path.includes('meta') && /^(label|resource_type|account_names|(.+_)?(id|name))$/.test(String(path.at(-1)));
