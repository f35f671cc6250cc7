// The schemas of `plan`, `shares` and the plan file, for workflows that read them. generate.ts writes them as JSON
// Schema. Unknown keys are allowed, because later versions add fields.

import * as z from 'zod/mini';
import { planFileSchema } from '../src/review/plan-file.ts';
import type { ItemKind } from '../src/share/plan.ts';

const described = (description: string) => z.describe(description);
const object = <T extends z.core.$ZodShape>(description: string, shape: T) =>
  z.looseObject(shape).check(described(description));
const list = <T extends z.core.SomeType>(description: string, item: T) => z.array(item).check(described(description));
const id = (description: string) => z.string().check(described(description));

const recipientId = id('The id that the recipient has in the share.');
const account = z.string().check(described('Id of an account.'));
const organization = z.string().check(described('Id of an organization.'));
const listedRecipient = z
  .union([
    object('An account.', { account_id: account }),
    object('An organization. If it has no id, it is the organization of the account that owns the share.', {
      organization_id: z.optional(organization),
    }),
  ])
  .check(described('A recipient that you list.'));
const recipient = object('A recipient that the share has.', {
  id: recipientId,
  account_id: account,
  association_status: z
    .string()
    .check(described('The state of the recipient, such as `associating` or `associated`, as the API reports it.')),
});
const exclusion = object('An excluded account.', { account_id: account });

const thing = {
  resource_type: id('Type of the resource, such as `gateway-policy`.'),
  resource_id: id('Id of the policy, ruleset or other resource.'),
  resource_account_id: id('Account that owns the resource.'),
};
const shareResourceId = id('The id that the resource has in the share.');
const meta = (description: string) => z.optional(z.unknown().check(described(description)));

const NOT_LISTED = "Items that exist but aren't listed. They stay.";

/** Each list of a plan. */
const lists = {
  recipient: {
    add: list('Recipients to add.', listedRecipient),
    remove: list('Recipients to remove. For a deletion, all recipients that lose the share.', recipient),
    extra: list(NOT_LISTED, recipient),
  },
  resource: {
    add: list(
      'Resources to add.',
      object('A resource that you list.', { ...thing, meta: meta('The `meta` of the resource.') }),
    ),
    update: list(
      'Resources to update, because their `meta` differs.',
      object('A resource that the share has.', {
        id: shareResourceId,
        ...thing,
        meta: meta('The `meta` that you set.'),
        previous_meta: meta('The `meta` before the update.'),
      }),
    ),
    remove: list('Resources to remove.', object('A resource that the share has.', { id: shareResourceId, ...thing })),
    extra: list(NOT_LISTED, object('A resource that the share has.', { id: shareResourceId, ...thing })),
  },
  exclusion: {
    add: list('Accounts to exclude. They lose the share.', exclusion),
    remove: list('Accounts to stop excluding. They get the share.', exclusion),
    extra: list(NOT_LISTED, exclusion),
  },
} satisfies Record<ItemKind, Record<string, z.core.SomeType>>;

const shareName = id('Name of the share.');
const shareId = z
  .nullable(z.string())
  .check(described("Id of the share. `null` if the share doesn't exist, or if the run doesn't know its id."));

const plan = () =>
  object('What `mode: apply` would do.', {
    shares: list(
      'One plan for each share, in the order of the file.',
      object('The plan of one share.', {
        name: shareName,
        action: z
          .enum(['create', 'update', 'replace', 'delete', 'none'])
          .check(described('What happens to the share. A rename is an update.')),
        share_id: shareId,
        rename: z
          .nullable(object('A rename.', { from: id('The current name.'), to: id('The new name.') }))
          .check(described('The rename, or `null`.')),
        recipients: object('What happens to recipients.', lists.recipient),
        resources: object('What happens to resources.', lists.resource),
        exclusions: z.optional(
          object('What happens to exclusions. Set only for a share with the organization.', lists.exclusion),
        ),
        unlisted: z.optional(
          z.literal(true).check(described("Set if a complete file doesn't list this share, but the share stays.")),
        ),
      }),
    ),
  });

const shares = () =>
  list(
    'The result for each share, in the order of the file.',
    object('The result for one share.', {
      name: shareName,
      outcome: z
        .nullable(z.enum(['created', 'updated', 'unchanged', 'deleted', 'planned']))
        .check(
          described(
            "What happened to the share. `null` if the run failed before it changed the share, or if it doesn't know the outcome.",
          ),
        ),
      changed: z
        .nullable(z.boolean())
        .check(
          described(
            "Whether the run changed the share. With `mode: plan`, whether `apply` would change it. `null` if the run doesn't know.",
          ),
        ),
      share_id: shareId,
      status: z.nullable(z.string()).check(described('`active`, `deleting` or `deleted`, as the API reports it.')),
      resource_ids: list(
        'The ids that live resources have in the share. Resources that you list come first.',
        shareResourceId,
      ),
    }),
  );

const planFile = () =>
  object('A plan file. `mode: plan` writes it to `plan-file`, and `mode: apply` reads it from `reviewed-plan`.', {
    version: planFileSchema.shape.version.check(described('Version of the format.')),
    account_id: id('Account that owns the shares.'),
    created: id('When the plan was made.'),
    plan: plan(),
    access: z
      .array(z.looseObject({}))
      .check(
        described(
          'Who has which resources through each share once the plan is applied. Only `mode: apply` uses this, and its format can change.',
        ),
      ),
  });

const jsonSchema = (title: string, schema: z.core.$ZodType): { $schema?: string } => {
  const { $schema = '', ...rest } = z.toJSONSchema(schema, { target: 'draft-07' });
  return { $schema, ...{ title, ...rest } };
};

/** The JSON Schemas by name. */
export const outputSchemas = (): Record<string, { $schema?: string }> => ({
  plan: jsonSchema('The output plan', plan()),
  'shares-output': jsonSchema('The output shares', shares()),
  'plan-file': jsonSchema('A plan file', planFile()),
});
