// The schema of the config file: it checks what workflows write, and the JSON Schema that editors use is generated from it.

import * as z from 'zod/mini';
import { isTemporaryName } from '../share/election.ts';
import { LABEL_MAX } from '../share/names.ts';
import { exclude, recipients, resources } from './lists-schema.ts';
import { got } from './reading.ts';
import { closed, described, emptyText, idInPath, isText, mustBe, once, TEMPORARY_NAME, text } from './schema-parts.ts';

const flag = () => z.boolean({ error: ({ input }) => `${got(input)}; true or false` });

const nameOfShare = (what: string) =>
  text(what).check(
    z.regex(/\S/, { error: emptyText(what), abort: true }),
    z.refine((name) => !isTemporaryName(name), { error: TEMPORARY_NAME }),
  );

const share = () =>
  closed('an object: a share with name, recipients and resources', {
    name: nameOfShare('name of the share').check(
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
    recipients: z.exactOptional(recipients()),
    resources: z.exactOptional(resources()),
    exclude: z.exactOptional(exclude()),
  }).check(described('One share, as it should be.'));

/** The schema is built when a file is read: the start of a run without one does not wait for it. */
export const configFile = once(() =>
  closed('an object with the list shares', {
    $schema: z.exactOptional(text('schema address').check(described('The JSON Schema of this file, for editors.'))),
    account_id: z.exactOptional(
      text('account id').check(
        z.minLength(1, { error: emptyText('account id'), abort: true }),
        idInPath('an account id'),
        described('Account that owns the shares; an error when the account-id input says otherwise.'),
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
  }).check(described('The shares of an account, kept as they should be by a workflow.')),
);

/**
 * The JSON Schema of the config file, as editors read it: to them unquoted digits are numbers, which isText takes.
 * Draft 7 is the one that all of them know.
 */
export function configFileJsonSchema(): object {
  return {
    ...z.toJSONSchema(configFile(), {
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
