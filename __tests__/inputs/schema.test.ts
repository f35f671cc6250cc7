// In a file of its own, so that mutation tests see which code builds the schema: it is built on first use.

import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { configFileJsonSchema } from '../../src/inputs/shares-schema.ts';

// Otherwise, run `npm run generate`.
test('schema/shares.schema.json is generated from the schema that validates the file', () => {
  const { $id, ...schema } = JSON.parse(
    readFileSync(new URL('../../schema/shares.schema.json', import.meta.url), 'utf8'),
  );
  expect(configFileJsonSchema()).toEqual(schema);
});
