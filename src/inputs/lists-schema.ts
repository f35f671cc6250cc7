// The schemas of recipients, exclusions and resources: of the inputs, and of the shares in a config file.

import * as z from 'zod/mini';
import { LABEL_MAX } from '../share/names.ts';
import { closed, described, emptyText, identifier, mustBe, text } from './schema-parts.ts';

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

/** Account and organization ids have at most 32 characters. */
const accountId = (description: string) => identifier('identifier', 32).check(described(description));

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

const recipient = closed('an object, as in {"recipient_account_id": "…"}', {
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

export type WrittenRecipient = z.infer<typeof recipient>;

export const recipients = z
  .array(recipient, { error: mustBe('a list of recipients, as in [{"recipient_account_id": "…"}]') })
  .check(
    z.minLength(1, 'is empty: a share needs at least one recipient'),
    described('Who receives the share: accounts or an organization, never both.'),
  );

const exclusion = closed('an object, as in {"recipient_account_id": "…"}', {
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

export type WrittenExclusion = z.infer<typeof exclusion>;

export const exclude = z
  .array(exclusion, { error: mustBe('a list of accounts, as in [{"recipient_account_id": "…"}]') })
  .check(
    described(
      'Accounts that a share with the organization leaves out. Without this list exclusions are left alone; with it, those that are not listed stay unless the workflow sets prune.',
    ),
  );

const resource = closed('an object, as in {"resource_type": "…", "resource_id": "…"}', {
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

export type WrittenResource = z.infer<typeof resource>;

export const resources = z
  .array(resource, {
    error: mustBe('a list of resources, as in [{"resource_type": "gateway-policy", "resource_id": "…"}]'),
  })
  .check(z.minLength(1, 'is empty: a share needs at least one resource'), described('What is shared.'));
