// The one schema of recipients, resources, exclusions and the config file: it checks what workflows write, and the JSON
// Schema that editors use is generated from it.
//
// Why zod's mini form: an array is not an object to it, every unknown key is reported, `__proto__` among them, and it
// writes JSON Schema itself. Valibot starts 4 ms sooner (of about 60), but takes `[]` for `{}` and drops `__proto__`
// unseen - and an empty recipient means the whole organization.

import * as z from 'zod/mini';
import { isTemporaryName } from '../share/election.ts';
import { got } from './reading.ts';

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

const emptyText = (what: string): string => `is empty: the ${what} is missing (a variable or secret that is not set?)`;

/** What is wrong with a value of another type than asked for. An empty one is most often an unset variable. */
const mustBe =
  (what: string) =>
  ({ input }: { input?: unknown }): string =>
    input === null ? `is empty: must be ${what}` : `must be ${what}`;

/** An object with these keys and no others: a misspelt key is an error, each one, at its place. */
const closed = <T extends z.core.$ZodShape>(what: string, shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown key (known: ${Object.keys(shape).join(', ')})`
        : mustBe(what)({ input: issue.input }),
  });

const text = (what: string) =>
  z.string({
    error: ({ input }) => {
      if (input === null) return emptyText(what);
      return typeof input === 'object' ? `must be text, the ${what}` : `${got(input)}; put the ${what} in quotes`;
    },
  });

const flag = z.boolean({ error: ({ input }) => `${got(input)}; true or false` });

const identifier = (what: string, maxLength: number) =>
  text(what).check(
    z.minLength(1, { error: emptyText(what), abort: true }),
    z.maxLength(maxLength, {
      error: ({ input }) => `is ${String(input).length} characters long; a ${what} has at most ${maxLength}`,
      abort: true,
    }),
    z.regex(/^[^\s\u0000-\u001f\u007f-\u009f]*$/, `contains white space or control characters, which no ${what} has`),
  );

/** Account and organization ids have at most 32 characters. */
const accountId = (description: string) => identifier('identifier', 32).check(described(description));

const LABEL_MAX = 100;

const label = z.exactOptional(
  text('label').check(
    z.regex(/\S/, { error: emptyText('label'), abort: true }),
    z.refine((value) => [...value].length <= LABEL_MAX, {
      error: ({ input }) => `is ${[...String(input)].length} characters long; a label has at most ${LABEL_MAX}`,
    }),
    described('Text for people, shown beside the id wherever the id is shown. It is never sent.'),
  ),
);

const idsOf = (item: object): string[] => Object.keys(item).filter((key) => key !== 'label');

export const recipient = closed('an object, as in {"recipient_account_id": "…"}', {
  recipient_account_id: z.exactOptional(accountId('Account that receives the share.')),
  account_id: z.exactOptional(
    accountId('The old name of recipient_account_id. Cloudflare takes it until 2027-05-26.').check(
      z.meta({ deprecated: true }),
    ),
  ),
  organization_id: z.exactOptional(
    accountId('Organization whose accounts, present and future, all receive the share.'),
  ),
  label,
}).check(
  z.refine((item) => idsOf(item).length <= 1, {
    error: 'names more than one of recipient_account_id, account_id and organization_id: one item is one recipient',
  }),
  // A label without an id must not become {}, which is the whole organization.
  z.refine((item) => idsOf(item).length > 0 || !('label' in item), {
    error: 'has a label but no id: add recipient_account_id or organization_id',
  }),
  described('One account, or one organization. Empty ({}) it means your whole organization.'),
);

export const recipients = z
  .array(recipient, { error: mustBe('a list of recipients, as in [{"recipient_account_id": "…"}]') })
  .check(
    z.minLength(1, 'is empty: a share needs at least one recipient'),
    described('Who receives the share: accounts or an organization, never both.'),
  );

export const exclusion = closed('an object, as in {"recipient_account_id": "…"}', {
  recipient_account_id: z.exactOptional(accountId('Account of the organization that the share leaves out.')),
  account_id: z.exactOptional(accountId('Another name of recipient_account_id.')),
  label,
}).check(
  z.refine((item) => idsOf(item).length === 1, {
    error: ({ input }) =>
      idsOf(input as object).length === 0
        ? 'names no account: write recipient_account_id'
        : 'names its account twice: write only recipient_account_id',
  }),
  described('One account to leave out.'),
);

export const exclude = z
  .array(exclusion, { error: mustBe('a list of accounts, as in [{"recipient_account_id": "…"}]') })
  .check(
    described(
      'Accounts that a share with the organization leaves out. Without this list exclusions are left alone; with it, those that are not listed stay unless the workflow sets prune.',
    ),
  );

export const resource = closed('an object, as in {"resource_type": "…", "resource_id": "…"}', {
  resource_type: identifier('resource type', 64).check(
    described(`What kind of thing is shared. Known types: ${KNOWN_RESOURCE_TYPES.join(', ')}.`),
  ),
  resource_id: identifier('resource id', 36).check(
    described("Id of the shared thing: 32 characters, or a product's UUID of 36."),
  ),
  resource_account_id: z.exactOptional(
    accountId('Account that owns the shared thing; by default the account that owns the share.'),
  ),
  meta: z.exactOptional(
    z
      .record(z.string(), z.unknown(), { error: mustBe('an object') })
      .check(described('Metadata that the resource type defines; by default {}.')),
  ),
  label,
}).check(described('One thing to share.'));

export const resources = z
  .array(resource, {
    error: mustBe('a list of resources, as in [{"resource_type": "gateway-policy", "resource_id": "…"}]'),
  })
  .check(z.minLength(1, 'is empty: a share needs at least one resource'), described('What is shared.'));

const NAME_OF_SHARE = 'name of the share';

export const TEMPORARY_NAME =
  'looks like a temporary name, "… [creating …]", which a share has only while it is created: choose another';

const nameOfShare = (what: string) =>
  text(what).check(
    z.regex(/\S/, { error: emptyText(what), abort: true }),
    z.refine((name) => !isTemporaryName(name), { error: TEMPORARY_NAME }),
  );

const share = closed('an object: a share with name, recipients and resources', {
  name: nameOfShare(NAME_OF_SHARE).check(
    described('Name of the share, unique in this file: the share is looked up by it.'),
  ),
  previous_name: z.exactOptional(
    nameOfShare('previous name').check(
      described(
        'Name that the share had before. When no share has the name and one has this one, that one is renamed in place. It may stay here for ever.',
      ),
    ),
  ),
  state: z.exactOptional(
    z
      .enum(['present', 'absent'], { error: ({ input }) => `${got(input)}; present or absent` })
      .check(
        described('absent: the share of this name is deleted, and being gone already is fine. It has no lists then.'),
      ),
  ),
  recipients: z.exactOptional(recipients),
  resources: z.exactOptional(resources),
  exclude: z.exactOptional(exclude),
}).check(described('One share, as it should be.'));

export const configFile = closed('an object with the list shares', {
  $schema: z.exactOptional(text('schema address').check(described('The JSON Schema of this file, for editors.'))),
  account_id: z.exactOptional(
    text('account id').check(
      z.regex(/^[A-Za-z0-9_-]{1,32}$/, {
        error: ({ input }) =>
          input === ''
            ? emptyText('account id')
            : `${got(input)}; an account id has at most 32 characters of A-Z, a-z, 0-9, _ and -`,
      }),
      described('Account that owns the shares; an error when the account-id input says otherwise.'),
    ),
  ),
  complete: z.exactOptional(
    flag.check(
      described(
        'true: this file lists every share that the account sends. A share that is not in it is drift, and is deleted when the workflow sets prune.',
      ),
    ),
  ),
  shares: z
    .array(share, { error: mustBe('a list of shares, as in [{"name": "…", "recipients": […], "resources": […]}]') })
    .check(
      z.minLength(1, 'is empty: list at least one share'),
      described(
        'The shares that this file keeps. Shares of the account that are not listed are left alone, unless complete is true.',
      ),
    ),
}).check(described('The shares of an account, kept as they should be by a workflow.'));

/** Where text is meant even when YAML reads digits as a number: every identifier, name and label, outside `meta`. */
export const isText = (path: readonly (string | number)[]): boolean =>
  !path.includes('meta') && /^(name|previous_name|label|resource_type|(.+_)?id)$/.test(String(path.at(-1)));

/**
 * The JSON Schema of the config file, as editors read it: to them unquoted digits are numbers, which isText takes.
 * Draft 7 is the one that all of them know.
 */
export function configFileJsonSchema(): object {
  return {
    ...z.toJSONSchema(configFile, {
      io: 'input',
      target: 'draft-07',
      override: ({ jsonSchema, path }) => {
        if (jsonSchema.type === 'string' && isText(path)) Object.assign(jsonSchema, { type: ['string', 'number'] });
        if (path.at(-1) === 'label') jsonSchema.maxLength = LABEL_MAX;
        if (path.at(-2) === 'shares' && path.at(-1) === 'items') Object.assign(jsonSchema, WITH_LISTS_UNLESS_ABSENT);
      },
    }),
    title: 'Cloudflare shares',
  };
}

const WITH_LISTS_UNLESS_ABSENT = {
  if: { properties: { state: { const: 'absent' } }, required: ['state'] },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema has a keyword of this name
  then: { properties: { previous_name: false, recipients: false, resources: false, exclude: false } },
  else: { required: ['recipients', 'resources'] },
};
