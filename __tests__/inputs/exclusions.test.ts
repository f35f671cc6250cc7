import { describe, expect, test } from '@jest/globals';
import { readList } from '../../src/inputs/lists.ts';

const OWNER = '023e105f4ecef8ad9ca31a8372d0c353';

describe('exclusions', () => {
  test("are converted to the API's field name, without duplicates", async () => {
    const { value, problems } = await readList(
      'exclude',
      '- account_id: a\n- {recipient_account_id: b, label: Berlin}\n- account_id: A',
      OWNER,
    );
    expect(problems).toEqual([]);
    expect(value).toMatchObject({ items: [{ account_id: 'a' }, { account_id: 'b' }], indexes: [0, 1] });
    expect(value?.labels).toMatchObject([{ id: 'b', label: 'Berlin' }]);
    expect((await readList('exclude', '[]', OWNER)).value?.items).toEqual([]);
  });

  test.each([
    ['[{}]', 'exclude[0]', /^names no account/],
    ['[{"label":"x"}]', 'exclude[0]', /^names no account/],
    ['[{"account_id":"a","recipient_account_id":"a"}]', 'exclude[0]', /^has more than one of/],
    ['[{"organization_id":"a"}]', 'exclude[0].organization_id', /^unknown key/],
    ['a', 'exclude', /must be a list of accounts, as in/],
    ['- account_id:', 'exclude[0]', /is empty: .*an unset variable or secret/],
  ])('are refused if they are invalid: %s, at %s', async (text, label, message) => {
    const { value, problems } = await readList('exclude', text, OWNER);
    expect(value).toBeUndefined();
    expect(problems).toEqual([{ message: expect.stringMatching(message), place: { label } }]);
  });
});
