// The one schema of the inputs. Each field takes the text of an input (undefined when it is empty) and gives its value.

import * as z from 'zod/mini';
import { isTemporaryName } from '../share/election.ts';
import { got } from './reading.ts';
import { idInPath, TEMPORARY_NAME } from './schema-parts.ts';

const oneOf = <const T extends readonly [string, ...string[]]>(values: T, byDefault: T[number]) =>
  z._default(
    z.enum(values, { error: ({ input }) => `${got(input)}; one of ${values.join(', ')}` }),
    byDefault as z.core.util.NoUndefined<T[number]>,
  );

/** The spellings that @actions/core's getBooleanInput takes (YAML 1.2's). */
const FLAGS = ['true', 'True', 'TRUE', 'false', 'False', 'FALSE'] as const;

const flag = z.pipe(
  z._default(z.enum(FLAGS, { error: ({ input }) => `${got(input)}; true or false` }), 'false'),
  z.transform((text) => text.toLowerCase() === 'true'),
);

const commentOnPr = z.pipe(
  z._default(z.enum([...FLAGS, 'changes'], { error: ({ input }) => `${got(input)}; true, false or changes` }), 'false'),
  z.transform((text) => (text === 'changes' ? 'changes' : text.toLowerCase() === 'true' ? 'always' : undefined)),
);

const seconds = (byDefault: number, min: number, max: number) => {
  const error = ({ input }: { input?: unknown }) => `${got(input)}; a number of seconds, ${min} to ${max}`;
  return z.pipe(
    z._default(
      z.string().check(
        z.regex(/^\d+(\.\d+)?$/, { error, abort: true }),
        z.refine((text) => Number(text) >= min && Number(text) <= max, { error }),
      ),
      String(byDefault),
    ),
    z.transform(Number),
  );
};

/** Reads a percentage as a fraction. */
const percentage = (byDefault: string) => {
  const error = ({ input }: { input?: unknown }) => `${got(input)}; a percentage, 0% to 100%`;
  const fraction = (text: string): number => Number(text.slice(0, -1)) / 100;
  return z.pipe(
    z._default(
      z.string().check(
        z.regex(/^\d{1,3}(\.\d{1,6})?%$/, { error, abort: true }),
        z.refine((text) => fraction(text) <= 1, { error }),
      ),
      byDefault,
    ),
    z.transform(fraction),
  );
};

/** A valid header value. Anything else breaks the request, and the error would show the secret. */
export const CREDENTIAL = /^[\x21-\x7e]+$/;
export const NOT_A_CREDENTIAL = 'contains white space or characters that no credential has: was it pasted completely?';

const headerText = z.string().check(z.regex(CREDENTIAL, NOT_A_CREDENTIAL));

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const baseUrl = z._default(z.string(), 'https://api.cloudflare.com/client/v4').check(
  z.refine((text) => URL.canParse(text), { error: 'is not a URL', abort: true }),
  z.refine((text) => {
    const { protocol, hostname } = new URL(text);
    return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
  }, 'must begin with https:// (http:// is only for a loopback host: otherwise credentials would travel unencrypted)'),
  z.refine((text) => {
    const { username, password } = new URL(text);
    // An empty query or fragment counts: whatever is added to the address would become part of it.
    return username === '' && password === '' && !/[?#]/.test(text);
  }, 'must be a plain address, without user, password, query or fragment'),
);

const optional = <T extends z.ZodMiniType>(type: T) => z.optional(type);

export const inputs = z.object({
  'account-id': optional(z.string().check(idInPath('an account id'))),
  'share-name': optional(z.string().check(z.refine((name) => !isTemporaryName(name), TEMPORARY_NAME))),
  'share-id': optional(z.string().check(idInPath('a share id'))),
  recipients: optional(z.string()),
  resources: optional(z.string()),
  config: optional(z.string()),
  exclude: optional(z.string()),
  mode: oneOf(['apply', 'plan', 'delete', 'export', 'check'], 'apply'),
  'if-exists': oneOf(['update', 'fail', 'keep', 'create-new'], 'update'),
  prune: flag,
  'removal-limit': percentage('30%'),
  replace: flag,
  wait: flag,
  'wait-timeout': seconds(300, 0, 86_400),
  'fail-on-drift': flag,
  'plan-file': optional(z.string()),
  'reviewed-plan': optional(z.string()),
  names: flag,
  'comment-on-pr': commentOnPr,
  'pull-request': optional(
    z.pipe(
      z
        .string()
        .check(
          z.regex(/^[1-9]\d{0,9}$/, { error: ({ input }) => `${got(input)}; the number of a pull request, as in 42` }),
        ),
      z.transform(Number),
    ),
  ),
  'github-token': optional(z.string()),
  'api-token': optional(headerText),
  'api-email': optional(headerText),
  'api-key': optional(headerText),
  'api-base-url': baseUrl,
  'request-timeout': seconds(30, 0.1, 3_600),
  'max-attempts': z.pipe(
    z._default(
      z.string().check(z.regex(/^([1-9]|1\d|20)$/, { error: ({ input }) => `${got(input)}; a whole number, 1 to 20` })),
      '5',
    ),
    z.transform(Number),
  ),
});

export type InputName = keyof z.infer<typeof inputs>;
export type Inputs = z.infer<typeof inputs>;
export const INPUT_NAMES = Object.keys(inputs.shape) as InputName[];
