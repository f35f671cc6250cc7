// The schemas of recipients, exclusions and resources, for the inputs and for the shares in a config file. Each schema
// is built when a list of its kind is first read.

import * as z from 'zod/mini';
import { LABEL_MAX } from '../share/names.ts';
import {
  closed,
  described,
  identifier,
  mustBe,
  NAME_MAX,
  NO_SPACE,
  once,
  tooLong,
  VISIBLE_ASCII,
  visibleText,
} from './schema-parts.ts';

/**
 * The resource types that the API is known to accept. Cloudflare has already added types twice, so an unknown type
 * causes only a warning.
 */
export const KNOWN_RESOURCE_TYPES = [
  'custom-ruleset',
  'gateway-policy',
  'gateway-destination-ip',
  'gateway-block-page-settings',
  'gateway-extended-email-matching',
  'idp-federation-grant',
  'trust-grant',
];

/** The resource types that can be looked up by name. */
const NAMED_RESOURCE_TYPES = ['gateway-policy', 'custom-ruleset'];

const accountId = (description: string) => identifier('account id', 32).check(described(description));

const label = () =>
  z.exactOptional(
    visibleText('label', LABEL_MAX).check(
      described('A name of your choice. Reports show it next to the id. The action never sends it to Cloudflare.'),
    ),
  );

/** The keys that name accounts instead of giving their ids. */
const accountNames = () => ({
  account_name: z.exactOptional(
    visibleText('account name', NAME_MAX).check(
      described('Exact name of an account in the organization. The action looks up its id before it plans.'),
    ),
  ),
  account_names: z.exactOptional(
    visibleText('account name pattern', NAME_MAX).check(
      described(
        'Pattern for the names of accounts in the organization, in which * stands for any characters. Later runs include accounts that were created or renamed to match.',
      ),
    ),
  ),
});

/** Tells editors that an item has exactly one of these keys. */
const requiringOne = (keys: readonly string[]) => keys.map((key) => ({ required: [key] }));

const namesOf = (item: object): string[] => Object.keys(item).filter((key) => key !== 'label');

const recipientKeys = () => ({
  recipient_account_id: z.exactOptional(accountId('Account that receives the share.')),
  account_id: z.exactOptional(
    accountId('The old name of recipient_account_id. Cloudflare accepts it until 2027-05-26.').check(
      z.meta({ deprecated: true }),
    ),
  ),
  organization_id: z.exactOptional(
    identifier('organization id', 32).check(
      described('Organization that receives the share, with all its present and future accounts.'),
    ),
  ),
  ...accountNames(),
});

const recipient = () => {
  const keys = recipientKeys();
  return closed('an object, as in {"recipient_account_id": "…"}', { ...keys, label: label() }).check(
    z.refine((item) => namesOf(item).length <= 1, {
      error:
        'has more than one of recipient_account_id, account_id, organization_id, account_name and account_names: keep only one',
    }),
    // A label without an id must not become {}, which means the whole organization.
    z.refine((item) => namesOf(item).length > 0 || !('label' in item), {
      error: 'has a label but no recipient: add recipient_account_id, account_name or organization_id',
    }),
    z.meta({ oneOf: [...requiringOne(Object.keys(keys)), { maxProperties: 0 }] }),
    described(
      'An account, given by its id or its name, or an organization. An empty object ({}) means your whole organization.',
    ),
  );
};

export type RecipientInText = z.infer<ReturnType<typeof recipient>>;

export const recipients = once(() =>
  z
    .array(recipient(), { error: mustBe('a list of recipients, as in [{"recipient_account_id": "…"}]') })
    .check(
      z.minLength(1, 'is empty: a share needs at least one recipient'),
      described('Who receives the share: accounts or an organization, never both.'),
    ),
);

const exclusionKeys = () => ({
  recipient_account_id: z.exactOptional(accountId('Account to exclude from the share.')),
  account_id: z.exactOptional(accountId('The old name of recipient_account_id.')),
  ...accountNames(),
});

const exclusion = () => {
  const keys = exclusionKeys();
  return closed('an object, as in {"recipient_account_id": "…"}', { ...keys, label: label() }).check(
    z.refine((item) => namesOf(item).length === 1, {
      error: ({ input }) =>
        namesOf(input as object).length === 0
          ? 'names no account: add recipient_account_id or account_name'
          : 'has more than one of recipient_account_id, account_id, account_name and account_names: keep only one',
    }),
    z.meta({ oneOf: requiringOne(Object.keys(keys)) }),
    described('An account to exclude, or every account whose name matches a pattern.'),
  );
};

export type ExclusionInText = z.infer<ReturnType<typeof exclusion>>;

export const exclude = once(() =>
  z
    .array(exclusion(), { error: mustBe('a list of accounts, as in [{"recipient_account_id": "…"}]') })
    .check(
      described(
        'Accounts to exclude from a share with the organization. If you omit this list, exclusions stay unchanged. If you set it, unlisted exclusions stay unless the workflow sets prune.',
      ),
    ),
);

/** The maximum length of a resource id. Ids of known types have 32 characters, or 36 if the product uses UUIDs. */
const resourceIdMax = (type: unknown): number => (KNOWN_RESOURCE_TYPES.includes(String(type)) ? 36 : 255);

const isObject = (item: unknown): boolean => typeof item === 'object' && item !== null && !Array.isArray(item);

const resource = () =>
  closed('an object, as in {"resource_type": "…", "resource_id": "…"}', {
    resource_type: identifier('resource type', 64, NO_SPACE).check(
      described(`Type of the resource. Known types: ${KNOWN_RESOURCE_TYPES.join(', ')}.`),
    ),
    resource_id: z.exactOptional(identifier('resource id', 255, VISIBLE_ASCII).check(described('Id of the resource.'))),
    resource_name: z.exactOptional(
      visibleText('resource name', NAME_MAX).check(
        described(
          'Exact name of a gateway policy or custom ruleset of the account in resource_account_id, instead of its id. The action looks up the id before it plans.',
        ),
      ),
    ),
    resource_account_id: z.exactOptional(
      accountId('Account that owns the resource. The default is the account that owns the share.'),
    ),
    meta: z.exactOptional(
      z
        .record(z.string(), z.unknown(), { error: mustBe('an object') })
        .check(
          described(
            'Metadata that depends on the resource type. If you omit it, the action sends {} when it adds the resource, and leaves existing metadata unchanged.',
          ),
        ),
    ),
    label: label(),
  }).check(
    z.refine((item) => !isObject(item) || 'resource_id' in item || 'resource_name' in item, {
      path: ['resource_id'], // nothing is there, so it is reported as missing
      when: () => true, // checked even if something else is wrong with the item
    }),
    z.refine((item) => !('resource_id' in item && 'resource_name' in item), {
      error: 'has both resource_id and resource_name: keep only one',
    }),
    z.refine(({ resource_type, resource_id }) => (resource_id?.length ?? 0) <= resourceIdMax(resource_type), {
      error: ({ input }) => {
        const { resource_type, resource_id } = input as { resource_type?: unknown; resource_id: string };
        return tooLong('resource id', resource_id.length, resourceIdMax(resource_type));
      },
      path: ['resource_id'],
    }),
    z.refine((item) => !('resource_name' in item) || NAMED_RESOURCE_TYPES.includes(item.resource_type), {
      error: `works only for ${NAMED_RESOURCE_TYPES.join(' and ')}: use resource_id`,
      path: ['resource_name'],
    }),
    z.meta({ oneOf: requiringOne(['resource_id', 'resource_name']) }),
    described('A resource to share.'),
  );

export type ResourceInText = z.infer<ReturnType<typeof resource>>;

export const resources = once(() =>
  z
    .array(resource(), {
      error: mustBe('a list of resources, as in [{"resource_type": "gateway-policy", "resource_id": "…"}]'),
    })
    .check(z.minLength(1, 'is empty: a share needs at least one resource'), described('The resources to share.')),
);
