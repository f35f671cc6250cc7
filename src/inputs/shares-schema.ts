// The schema of the config file. It validates files, and the JSON Schema for editors is generated from it.

import * as z from 'zod/mini';
import type { WrittenShare } from '../share/desired.ts';
import { exclude, recipients, resources } from './lists-schema.ts';
import { got } from './reading.ts';
import { closed, described, identifier, mustBe, once, oneOf, shareName, text } from './schema-parts.ts';

const flag = () => z.boolean({ error: ({ input }) => `${got(input)}; must be true or false` });

/** The optional text fields of a share that should exist, and the fields of the desired share that they set. */
export const TEXTS: Readonly<Record<string, { to: TextField; schema: () => z.ZodMiniType }>> = {
  previous_name: {
    to: 'previousName',
    schema: () =>
      shareName('previous name').check(
        described(
          'Former name of the share. If no share has the current name but one has this name, that share is renamed in place. You can leave this line in the file.',
        ),
      ),
  },
};
/** The name of a field whose value is an optional text. */
type TextField = {
  [K in keyof WrittenShare]-?: string | undefined extends WrittenShare[K] ? K : never;
}[keyof WrittenShare];

/** The fields of a share that should exist. An absent share has none of them. */
const fieldsOfPresent = () => ({
  ...Object.fromEntries(Object.entries(TEXTS).map(([key, { schema }]) => [key, z.exactOptional(schema())])),
  recipients: z.exactOptional(recipients()),
  resources: z.exactOptional(resources()),
  exclude: z.exactOptional(exclude()),
});
export const ONLY_IF_PRESENT: readonly string[] = [...Object.keys(TEXTS), 'recipients', 'resources', 'exclude'];
/** The fields that a share needs to exist. */
export const NEEDED_IF_PRESENT = ['recipients', 'resources'] as const;

const share = () =>
  closed('an object: a share with name, recipients and resources', {
    name: shareName('share name').check(
      described('Name of the share, unique in this file. The action finds the share by its name.'),
    ),
    ...fieldsOfPresent(),
    state: z.exactOptional(
      oneOf(['present', 'absent'], 'present or absent').check(
        described('absent: delete the share with this name if it exists. An absent share has no other fields.'),
      ),
    ),
  }).check(
    z.meta({
      if: { properties: { state: { const: 'absent' } }, required: ['state'] },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema has a keyword of this name
      then: { properties: Object.fromEntries(ONLY_IF_PRESENT.map((key) => [key, false])) },
      else: { required: [...NEEDED_IF_PRESENT] },
    }),
    described('One share and what it should contain.'),
  );

/** The schema is built when a file is read, so that a run without one starts faster. */
export const configFile = once(() =>
  closed('an object with a shares list', {
    $schema: z.exactOptional(text('schema address').check(described('The JSON Schema of this file, for editors.'))),
    account_id: z.exactOptional(
      identifier('account id', 32).check(
        described('Account that owns the shares. If the account-id input is set, it must be the same account.'),
      ),
    ),
    complete: z.exactOptional(
      flag().check(
        described(
          'Set it to true if this file lists every share that the account sends. Any other share of the account then counts as drift, and prune deletes it.',
        ),
      ),
    ),
    shares: z
      .array(share(), { error: mustBe('a list of shares, as in [{"name": "…", "recipients": […], "resources": […]}]') })
      .check(
        z.minLength(1, 'is empty: list at least one share'),
        described(
          'The shares that this file manages. The action leaves other shares of the account alone, unless complete is true.',
        ),
      ),
  }).check(
    z.meta({ patternProperties: { [IGNORED.source]: {} } }),
    described('The shares of an account, kept in sync by a workflow.'),
  ),
);

/** Top-level keys that are ignored, so that anchors can be defined there. */
export const IGNORED = /^x-/;

/**
 * The JSON Schema of the config file for editors. It allows numbers where the action expects text, because editors read
 * unquoted digits as numbers and the action reads them as text. All editors support Draft 7.
 */
export function configFileJsonSchema(): object {
  return {
    ...z.toJSONSchema(configFile(), {
      target: 'draft-07',
      override: ({ jsonSchema, path }) => {
        const isValue = !jsonSchema.enum && path.at(-1) !== 'propertyNames';
        if (jsonSchema.type === 'string' && isValue) Object.assign(jsonSchema, { type: ['string', 'number'] });
      },
    }),
    title: 'Cloudflare shares',
  };
}
