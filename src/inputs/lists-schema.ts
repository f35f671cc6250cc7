// The schemas of recipients, exclusions and resources: of the inputs, and of the shares in a config file.

import * as z from 'zod/mini';
import { LABEL_MAX } from '../share/names.ts';
import { closed, described, emptyText, identifier, mustBe, once, text } from './schema-parts.ts';

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

/** The resource types whose things have names that can be looked up. */
const NAMED_RESOURCE_TYPES = ['gateway-policy', 'custom-ruleset'];

/** Account and organization ids have at most 32 characters. */
const accountId = (description: string) => identifier('identifier', 32).check(described(description));

const label = () =>
  z.exactOptional(
    text('label').check(
      z.regex(/\S/, { error: emptyText('label'), abort: true }),
      z.refine((value) => [...value].length <= LABEL_MAX, {
        error: ({ input }) => `is ${[...String(input)].length} characters long; a label has at most ${LABEL_MAX}`,
      }),
      described('Text for people, shown beside the id wherever the id is shown. It is never sent.'),
    ),
  );

const NAME_MAX = 1000;

const name = (what: string) =>
  text(what).check(
    z.regex(/\S/, { error: emptyText(what), abort: true }),
    z.maxLength(NAME_MAX, {
      error: ({ input }) => `is ${String(input).length} characters long; a ${what} has at most ${NAME_MAX}`,
    }),
  );

/** The keys that name accounts instead of giving an id. */
const accountNames = () => ({
  account_name: z.exactOptional(
    name('account name').check(
      described('Account of the organization with exactly this name. Its id is looked up before planning.'),
    ),
  ),
  account_names: z.exactOptional(
    name('account name pattern').check(
      described(
        'Every account of the organization whose name matches; * stands for any characters. An account that is created or renamed to match gets the share, too.',
      ),
    ),
  ),
});

const RECIPIENT_KEYS = ['recipient_account_id', 'account_id', 'organization_id', 'account_name', 'account_names'];

/** For editors: an item has exactly one of these keys. */
const requiringOne = (keys: readonly string[]) => keys.map((key) => ({ required: [key] }));

const idsOf = (item: object): string[] => Object.keys(item).filter((key) => key !== 'label');

const recipient = () =>
  closed('an object, as in {"recipient_account_id": "…"}', {
    recipient_account_id: z.exactOptional(accountId('Account that receives the share.')),
    account_id: z.exactOptional(
      accountId('The old name of recipient_account_id. Cloudflare takes it until 2027-05-26.').check(
        z.meta({ deprecated: true }),
      ),
    ),
    organization_id: z.exactOptional(
      accountId('Organization whose accounts, present and future, all receive the share.'),
    ),
    ...accountNames(),
    label: label(),
  }).check(
    z.refine((item) => idsOf(item).length <= 1, {
      error:
        'has more than one of recipient_account_id, account_id, organization_id, account_name and account_names: give one of them',
    }),
    // A label without an id must not become {}, which is the whole organization.
    z.refine((item) => idsOf(item).length > 0 || !('label' in item), {
      error: 'has a label but no recipient: add recipient_account_id, account_name or organization_id',
    }),
    z.meta({ oneOf: [...requiringOne([...RECIPIENT_KEYS]), { maxProperties: 0 }] }),
    described('One account, or one organization. Empty ({}) it means your whole organization.'),
  );

export type RecipientInText = z.infer<ReturnType<typeof recipient>>;

export const recipients = once(() =>
  z
    .array(recipient(), { error: mustBe('a list of recipients, as in [{"recipient_account_id": "…"}]') })
    .check(
      z.minLength(1, 'is empty: a share needs at least one recipient'),
      described('Who receives the share: accounts or an organization, never both.'),
    ),
);

const exclusion = () =>
  closed('an object, as in {"recipient_account_id": "…"}', {
    recipient_account_id: z.exactOptional(accountId('Account of the organization that the share leaves out.')),
    account_id: z.exactOptional(accountId('Another name of recipient_account_id.')),
    ...accountNames(),
    label: label(),
  }).check(
    z.refine((item) => idsOf(item).length === 1, {
      error: ({ input }) =>
        idsOf(input as object).length === 0
          ? 'names no account: add recipient_account_id or account_name'
          : 'has more than one of recipient_account_id, account_id, account_name and account_names: give one of them',
    }),
    z.meta({ oneOf: requiringOne(RECIPIENT_KEYS.filter((key) => key !== 'organization_id')) }),
    described('One account to leave out.'),
  );

export type ExclusionInText = z.infer<ReturnType<typeof exclusion>>;

export const exclude = once(() =>
  z
    .array(exclusion(), { error: mustBe('a list of accounts, as in [{"recipient_account_id": "…"}]') })
    .check(
      described(
        'Accounts that a share with the organization leaves out. Without this list exclusions are left alone; with it, those that are not listed stay unless the workflow sets prune.',
      ),
    ),
);

const resource = () =>
  closed('an object, as in {"resource_type": "…", "resource_id": "…"}', {
    resource_type: identifier('resource type', 64).check(
      described(`What kind of thing is shared. Known types: ${KNOWN_RESOURCE_TYPES.join(', ')}.`),
    ),
    resource_id: z.exactOptional(
      identifier('resource id', 36).check(
        described("Id of the shared thing: 32 characters, or a product's UUID of 36."),
      ),
    ),
    resource_name: z.exactOptional(
      name('resource name').check(
        described(
          'Exact name of a gateway policy or a custom ruleset of resource_account_id, instead of its id. The id is looked up before planning.',
        ),
      ),
    ),
    resource_account_id: z.exactOptional(
      accountId('Account that owns the shared thing; by default the account that owns the share.'),
    ),
    meta: z.exactOptional(
      z
        .record(z.string(), z.unknown(), { error: mustBe('an object') })
        .check(described('Metadata that the resource type defines; by default {}.')),
    ),
    label: label(),
  }).check(
    z.refine((item) => typeof item !== 'object' || 'resource_id' in item || 'resource_name' in item, {
      error: 'is missing',
      path: ['resource_id'],
      when: () => true, // whatever else is wrong with the item
    }),
    z.refine((item) => !('resource_id' in item && 'resource_name' in item), {
      error: 'has both resource_id and resource_name: give one of them',
    }),
    z.refine((item) => !('resource_name' in item) || NAMED_RESOURCE_TYPES.includes(item.resource_type), {
      error: `works only for ${NAMED_RESOURCE_TYPES.join(' and ')}: give resource_id`,
      path: ['resource_name'],
    }),
    z.meta({ oneOf: requiringOne(['resource_id', 'resource_name']) }),
    described('One thing to share.'),
  );

export type ResourceInText = z.infer<ReturnType<typeof resource>>;

export const resources = once(() =>
  z
    .array(resource(), {
      error: mustBe('a list of resources, as in [{"resource_type": "gateway-policy", "resource_id": "…"}]'),
    })
    .check(z.minLength(1, 'is empty: a share needs at least one resource'), described('What is shared.')),
);
