// What `plan`, `shares` and the plan file look like, for workflows that read them: generate.ts writes these as JSON Schema.
// Outputs gain fields in later versions, so unknown keys are allowed.

import * as z from 'zod/mini';
import { planFileSchema } from '../src/review/plan-file.ts';
import type { ItemKind } from '../src/share/plan-items.ts';

const said = (description: string) => z.describe(description);
const object = <T extends z.core.$ZodShape>(description: string, shape: T) =>
  z.looseObject(shape).check(said(description));
const list = <T extends z.core.SomeType>(description: string, item: T) => z.array(item).check(said(description));
const id = (description: string) => z.string().check(said(description));

const recipientId = id("The recipient's id in the share.");
const account = z.string().check(said('Id of an account.'));
const organization = z.string().check(said('Id of an organization.'));
const listedRecipient = z
  .union([
    object('An account.', { account_id: account }),
    object('An organization. Without an id: the organization of the owner.', {
      organization_id: z.optional(organization),
    }),
  ])
  .check(said('A recipient that the workflow lists.'));
const recipient = object('A recipient that exists.', {
  id: recipientId,
  account_id: account,
  association_status: z.string().check(said('`associating`, `associated` or another state, as the API reports it.')),
});
const exclusion = object('An excluded account.', { account_id: account });

const thing = {
  resource_type: id('Type of the resource, such as `gateway-policy`.'),
  resource_id: id('Id of the policy, ruleset or other resource.'),
  resource_account_id: id('Account that owns the resource.'),
};
const shareResourceId = id('Id of the share-resource.');
const meta = (description: string) => z.optional(z.unknown().check(said(description)));

const NOT_LISTED = 'Items that exist but are not listed. They stay.';

/** Each list of a plan. */
const lists = {
  recipient: {
    add: list('To add.', listedRecipient),
    remove: list('To remove. If the share is deleted, everybody who loses it.', recipient),
    extra: list(NOT_LISTED, recipient),
  },
  resource: {
    add: list('To add.', object('A resource that the workflow lists.', { ...thing, meta: meta('Its `meta`.') })),
    update: list(
      'To update, because `meta` differs.',
      object('A resource that exists.', {
        id: shareResourceId,
        ...thing,
        meta: meta('The `meta` that the workflow sets.'),
        previous_meta: meta('The `meta` before the update.'),
      }),
    ),
    remove: list('To remove.', object('A resource that exists.', { id: shareResourceId, ...thing })),
    extra: list(NOT_LISTED, object('A resource that exists.', { id: shareResourceId, ...thing })),
  },
  exclusion: {
    add: list('To exclude: these accounts lose the share.', exclusion),
    remove: list('To exclude no longer: these accounts get the share.', exclusion),
    extra: list(NOT_LISTED, exclusion),
  },
} satisfies Record<ItemKind, Record<string, z.core.SomeType>>;

const shareName = id('Name of the share.');
const shareId = z
  .nullable(z.string())
  .check(said('Id of the share. `null` if the share does not exist, or if its id is not known.'));

const plan = () =>
  object('What `mode: apply` would do.', {
    shares: list(
      'One plan for each share, in the order of the file.',
      object('The plan of one share.', {
        name: shareName,
        action: z
          .enum(['create', 'update', 'replace', 'delete', 'none'])
          .check(said('What happens to the share. A rename is an update.')),
        share_id: shareId,
        rename: z
          .nullable(object('A rename.', { from: id('The current name.'), to: id('The new name.') }))
          .check(said('The rename, or `null`.')),
        recipients: object('Recipients.', lists.recipient),
        resources: object('Resources.', lists.resource),
        exclusions: z.optional(object('Exclusions. Only for a share with the organization.', lists.exclusion)),
        unlisted: z.optional(
          z.literal(true).check(said('A complete file does not list this share, but the share stays.')),
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
        .check(said('`null` if the share failed before anything was changed, or if the outcome is not known.')),
      changed: z
        .nullable(z.boolean())
        .check(
          said('Whether the share was changed. With `mode: plan`, whether apply would change it. `null` if not known.'),
        ),
      share_id: shareId,
      status: z.nullable(z.string()).check(said('`active`, `deleting` or `deleted`, as the API reports it.')),
      resource_ids: list('Ids of the live share-resources. Listed resources come first.', shareResourceId),
    }),
  );

const planFile = () =>
  object('A plan file, which `mode: plan` writes to `plan-file`, and `mode: apply` reads as `reviewed-plan`.', {
    version: planFileSchema.shape.version.check(said('Version of the format.')),
    account_id: id('Account that owns the shares.'),
    created: id('When the plan was made.'),
    plan: plan(),
    access: z
      .array(z.looseObject({}))
      .check(
        said(
          'Who has what through each share once the plan is applied. Only for use by apply, so the format can change.',
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
