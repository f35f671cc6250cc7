// The one schema of recipients, resources and the config file: it checks what workflows write, and the JSON Schema
// that editors use is generated from it.
//
// Why zod's mini form: an array is not an object to it, every unknown key is reported, `__proto__` among them, and it
// writes JSON Schema itself. Valibot starts 4 ms sooner (of about 60), but takes `[]` for `{}` and drops `__proto__`
// unseen - and an empty recipient means the whole organization.

import * as z from 'zod/mini';

z.config({ jitless: true }); // compiling parsers pays off after thousands of objects, and needs eval

/** The resource types that the API is known to take. The list has grown twice: an unknown one is a warning. */
export const KNOWN_RESOURCE_TYPES = [
  'custom-ruleset',
  'gateway-policy',
  'gateway-destination-ip',
  'gateway-block-page-settings',
  'gateway-extended-email-matching',
  'idp-federation-grant',
  'trust-grant',
];

const described = (description: string) => z.describe(description);

/** An object with these keys and no others: a misspelt key is an error, each one, at its place. */
const closed = <T extends z.core.$ZodShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown key (known: ${Object.keys(shape).join(', ')})`
        : 'must be an object',
  });

const text = (what: string) =>
  z.string({
    error: ({ input }) =>
      typeof input === 'number' ? `must be text: put the ${what} in quotes` : `must be text, the ${what}`,
  });

const identifier = (what: string, maxLength: number) =>
  text(what).check(
    z.minLength(1, { error: `is empty: the ${what} is missing`, abort: true }),
    z.maxLength(maxLength, {
      error: ({ input }) => `is ${String(input).length} characters long; a ${what} has at most ${maxLength}`,
      abort: true,
    }),
    z.regex(/^[^\s\u0000-\u001f\u007f-\u009f]*$/, `has white space or control characters, which no ${what} has`),
  );

/** Account and organization ids have at most 32 characters. */
const accountId = (description: string) => identifier('identifier', 32).check(described(description));

export const recipient = closed({
  account_id: z.exactOptional(accountId('Account that is to receive the share.')),
  recipient_account_id: z.exactOptional(
    accountId('Account that is to receive the share: the newer name of account_id.'),
  ),
  organization_id: z.exactOptional(
    accountId('Organization whose accounts, present and future, are all to receive the share.'),
  ),
}).check(
  z.refine((item) => Object.keys(item).length <= 1, {
    error: 'names more than one of account_id, recipient_account_id and organization_id: one item is one recipient',
  }),
  described('One account, or one organization. Empty ({}) it means your whole organization.'),
);

export const recipients = z
  .array(recipient, 'must be a list of recipients')
  .check(
    z.minLength(1, 'is empty: a share needs at least one recipient'),
    described('Who receives the share: accounts or an organization, never both.'),
  );

export const resource = closed({
  resource_type: identifier('resource type', 64).check(
    described(`What kind of thing is shared. Known types: ${KNOWN_RESOURCE_TYPES.join(', ')}.`),
  ),
  resource_id: identifier('resource id', 36).check(
    described("Id of the shared thing: 32 characters, or a product's UUID of 36."),
  ),
  resource_account_id: z.exactOptional(
    accountId('Account that owns the shared thing; by default the one that owns the share.'),
  ),
  meta: z.exactOptional(
    z
      .record(z.string(), z.unknown(), 'must be an object')
      .check(described('Metadata that the resource type defines; by default {}.')),
  ),
}).check(described('One thing to share.'));

export const resources = z
  .array(resource, 'must be a list of resources')
  .check(z.minLength(1, 'is empty: a share needs at least one resource'), described('What is shared.'));

export const shareName = text('name of the share').check(
  z.regex(/\S/, 'is empty: the name of the share is missing'),
  described('Name of the share, unique in this file: the share is looked up by it.'),
);

export const configFile = closed({
  $schema: z.exactOptional(text('schema address').check(described('The JSON Schema of this file, for editors.'))),
  account_id: z.exactOptional(
    accountId('Account that owns the shares; an error when the account-id input says otherwise.'),
  ),
  shares: z
    .array(
      closed({ name: shareName, recipients, resources }).check(described('One share, as it should be.')),
      'must be a list of shares',
    )
    .check(
      z.minLength(1, 'is empty: list at least one share'),
      described('The shares that this file keeps. Shares of the account that are not listed are left alone.'),
    ),
}).check(described('The shares of an account, kept as they should be by a workflow.'));

/** Where text is meant even when YAML reads digits as a number: every identifier and name, outside `meta`. */
export const isText = (path: readonly (string | number)[]): boolean =>
  !path.includes('meta') && /^(name|resource_type|(.+_)?id)$/.test(String(path.at(-1)));
