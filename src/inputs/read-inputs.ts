// Reads the inputs as the runner passes them, and checks each of them individually. Each field of the schema takes the
// text of an input (undefined if empty) and returns its value.

import * as z from 'zod/mini';
import { keepSecret } from '../secrets.ts';
import type { Problem } from '../share/problem.ts';
import { proxySecrets } from './proxy.ts';
import { atInput, type Environment, got } from './reading.ts';
import { identifier, oneOf, shareName } from './schema-parts.ts';

/** One schema for all texts without checks, because each schema delays the start. */
const anyText = z.string();

const choice = <const T extends readonly [string, ...string[]]>(words: T, byDefault: T[number]) =>
  z._default(oneOf(words), byDefault as z.core.util.NoUndefined<T[number]>);

/** The spellings that @actions/core's getBooleanInput accepts (YAML 1.2's). */
const FLAGS = ['true', 'True', 'TRUE', 'false', 'False', 'FALSE'] as const;

const flag = z.pipe(
  z._default(oneOf(FLAGS, 'true or false'), 'false'),
  z.transform((text) => text.toLowerCase() === 'true'),
);

const commentOnPr = z.pipe(
  z._default(oneOf([...FLAGS, 'changes'], 'true, false or changes'), 'false'),
  z.transform((text) => (text === 'changes' ? 'changes' : text.toLowerCase() === 'true' ? 'always' : undefined)),
);

const seconds = (byDefault: number, min: number, max: number) => {
  const error = ({ input }: { input?: unknown }) => `${got(input)}; must be a number of seconds from ${min} to ${max}`;
  return z.pipe(
    z._default(
      anyText.check(
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
  const error = ({ input }: { input?: unknown }) => `${got(input)}; must be a percentage from 0% to 100%`;
  const fraction = (text: string): number => Number(text.slice(0, -1)) / 100;
  return z.pipe(
    z._default(
      anyText.check(
        z.regex(/^\d{1,3}(\.\d{1,6})?%$/, { error, abort: true }),
        z.refine((text) => fraction(text) <= 1, { error }),
      ),
      byDefault,
    ),
    z.transform(fraction),
  );
};

/** A valid header value. With any other character, the request fails with an error that shows the secret. */
export const CREDENTIAL = /^[\x21-\x7e]+$/;
export const NOT_A_CREDENTIAL =
  'contains white space or characters that credentials never contain: was it pasted correctly?';

const headerText = z.optional(anyText.check(z.regex(CREDENTIAL, NOT_A_CREDENTIAL)));

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const baseUrl = z._default(anyText, 'https://api.cloudflare.com/client/v4').check(
  z.refine((text) => URL.canParse(text), { error: 'is not a URL', abort: true }),
  z.refine((text) => {
    const { protocol, hostname } = new URL(text);
    return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
  }, 'must begin with https:// (http:// is allowed only for a loopback host, because it sends credentials unencrypted)'),
  z.refine((text) => {
    const { username, password } = new URL(text);
    // Even an empty query or fragment counts, because everything appended to the URL would become part of it.
    return username === '' && password === '' && !/[?#]/.test(text);
  }, 'must be a plain URL, without user, password, query or fragment'),
);

const optionalText = z.optional(anyText);

const schema = z.object({
  'account-id': z.optional(identifier('account id', 32)),
  'share-name': z.optional(shareName('share name')),
  'share-id': z.optional(identifier('share id', 36)),
  recipients: optionalText,
  resources: optionalText,
  config: optionalText,
  exclude: optionalText,
  mode: choice(['apply', 'plan', 'delete', 'export', 'check'], 'apply'),
  'if-exists': choice(['update', 'fail', 'keep', 'create-new'], 'update'),
  prune: flag,
  'removal-limit': percentage('30%'),
  replace: flag,
  wait: flag,
  'wait-timeout': seconds(300, 0, 86_400),
  'fail-on-drift': flag,
  'plan-file': optionalText,
  'reviewed-plan': optionalText,
  names: flag,
  'comment-on-pr': commentOnPr,
  'pull-request': z.optional(
    z.pipe(
      anyText.check(
        z.regex(/^[1-9]\d{0,9}$/, {
          error: ({ input }) => `${got(input)}; must be the number of a pull request, such as 42`,
        }),
      ),
      z.transform(Number),
    ),
  ),
  'github-token': optionalText,
  'api-token': headerText,
  'api-email': headerText,
  'api-key': headerText,
  'api-base-url': baseUrl,
  'request-timeout': seconds(30, 0.1, 3_600),
  'max-attempts': z.pipe(
    z._default(
      anyText.check(
        z.regex(/^([1-9]|1\d|20)$/, { error: ({ input }) => `${got(input)}; must be a whole number from 1 to 20` }),
      ),
      '5',
    ),
    z.transform(Number),
  ),
});

export type InputName = keyof z.infer<typeof schema>;
export type Inputs = z.infer<typeof schema>;
export const INPUT_NAMES = Object.keys(schema.shape) as InputName[];

/** Was the input set but rejected? If so, it has already been reported. */
export type IsWrong = (name: InputName) => boolean;

/** The text of an input as the runner passes it. */
const inputText = (name: string, env: Environment): string | undefined => env[`INPUT_${name.toUpperCase()}`];

/**
 * Tells the runner to mask every credential in the inputs and the environment, whether or not the run uses it. Must be
 * called before anything else.
 */
export function maskSecrets(env: Environment = process.env): void {
  for (const input of ['api-token', 'api-key', 'api-email', 'github-token']) keepSecret(inputText(input, env));
  for (const name of ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_API_KEY', 'CLOUDFLARE_EMAIL']) keepSecret(env[name]);
  for (const secret of proxySecrets(env)) keepSecret(secret);
}

/** Reads every input. An invalid input is reported and left out, so that the others can still be checked. */
export function readInputs(env: Environment): { inputs: Inputs; isWrong: IsWrong; problems: Problem[] } {
  const written = Object.fromEntries(INPUT_NAMES.map((name) => [name, inputText(name, env)?.trim() || undefined]));
  const accountFromEnvironment = written['account-id'] === undefined;
  written['account-id'] ??= env.CLOUDFLARE_ACCOUNT_ID?.trim() || undefined;
  const { data, error } = z.safeParse(schema, written);
  const issues = error?.issues ?? [];
  const wrong = new Set(issues.map(({ path }) => String(path[0])));
  const problems = issues.map(({ message, path }) => {
    const name = String(path[0]);
    return atInput(message, name === 'account-id' && accountFromEnvironment ? 'CLOUDFLARE_ACCOUNT_ID' : name);
  });
  const sound = Object.fromEntries(Object.entries(written).filter(([name]) => !wrong.has(name)));
  return { inputs: data ?? z.parse(schema, sound), isWrong: (name) => wrong.has(name), problems };
}
