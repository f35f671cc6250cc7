// The schema of the config file: it checks what workflows write, and the JSON Schema that editors use is generated from it.

import * as z from 'zod/mini';
import { exclude, recipients, resources } from './lists-schema.ts';
import { got } from './reading.ts';
import { closed, described, identifier, mustBe, once, oneOf, shareName, text } from './schema-parts.ts';

const flag = () => z.boolean({ error: ({ input }) => `${got(input)}; true or false` });

/** The fields of a share that exists. An absent share has none of them. */
const fieldsOfPresent = () => ({
  previous_name: z.exactOptional(
    shareName('previous name').check(
      described(
        'Name that the share had before. When no share has the name and one has this one, that one is renamed in place. The line can stay in the file.',
      ),
    ),
  ),
  recipients: z.exactOptional(recipients()),
  resources: z.exactOptional(resources()),
  exclude: z.exactOptional(exclude()),
});
export const ONLY_IF_PRESENT = [
  'previous_name',
  'recipients',
  'resources',
  'exclude',
] as const satisfies readonly (keyof ReturnType<typeof fieldsOfPresent>)[];
/** The fields that a share needs to exist. */
export const NEEDED_IF_PRESENT = ['recipients', 'resources'] as const;

const share = () =>
  closed('an object: a share with name, recipients and resources', {
    name: shareName('share name').check(
      described('Name of the share, unique in this file: the share is looked up by it.'),
    ),
    ...fieldsOfPresent(),
    state: z.exactOptional(
      oneOf(['present', 'absent'], 'present or absent').check(
        described('absent: the share with this name is deleted, and being gone already is fine. It has no lists then.'),
      ),
    ),
  }).check(
    z.meta({
      if: { properties: { state: { const: 'absent' } }, required: ['state'] },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema has a keyword of this name
      then: { properties: Object.fromEntries(ONLY_IF_PRESENT.map((key) => [key, false])) },
      else: { required: [...NEEDED_IF_PRESENT] },
    }),
    described('One share, as it should be.'),
  );

/** The schema is built when a file is read: the start of a run without one does not wait for it. */
export const configFile = once(() =>
  closed('an object with the list shares', {
    $schema: z.exactOptional(text('schema address').check(described('The JSON Schema of this file, for editors.'))),
    account_id: z.exactOptional(
      identifier('account id', 32).check(
        described('Account that owns the shares; an error when the account-id input differs.'),
      ),
    ),
    complete: z.exactOptional(
      flag().check(
        described(
          'true: this file lists every share that the account sends. A share that is not in it is drift, and is deleted when the workflow sets prune.',
        ),
      ),
    ),
    shares: z
      .array(share(), { error: mustBe('a list of shares, as in [{"name": "…", "recipients": […], "resources": […]}]') })
      .check(
        z.minLength(1, 'is empty: list at least one share'),
        described(
          'The shares that this file keeps. Shares of the account that are not listed are left alone, unless complete is true.',
        ),
      ),
  }).check(
    z.meta({ patternProperties: { [IGNORED.source]: {} } }),
    described('The shares of an account, kept as they should be by a workflow.'),
  ),
);

/** Keys at the top that are ignored: a place for anchors. */
export const IGNORED = /^x-/;

/**
 * The JSON Schema of the config file, as editors read it: to them unquoted digits are numbers, which are text to the action.
 * Draft 7 is the one that all of them know.
 */
export function configFileJsonSchema(): object {
  return {
    ...z.toJSONSchema(configFile(), {
      io: 'input',
      target: 'draft-07',
      override: ({ jsonSchema, path }) => {
        const isValue = !jsonSchema.enum && path.at(-1) !== 'propertyNames';
        if (jsonSchema.type === 'string' && isValue) Object.assign(jsonSchema, { type: ['string', 'number'] });
      },
    }),
    title: 'Cloudflare shares',
  };
}
