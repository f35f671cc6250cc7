// References: items given by name instead of by id, which are resolved before planning.

import { describe, expect, test } from '@jest/globals';
import { readList } from '../../src/inputs/lists.ts';
import { readSharesFile } from '../../src/inputs/shares-file.ts';
import { isResolved } from '../../src/share/desired.ts';

const OWNER = '023e105f4ecef8ad9ca31a8372d0c353';

describe('references', () => {
  test('can be mixed with ids, keep their labels, and are listed only once', async () => {
    const { value, problems } = await readList(
      'recipients',
      `- account_name: Berlin office
- {account_names: Branch *, label: Branches}
- recipient_account_id: ab
- account_name: Berlin office
- account_name: 2024`,
      OWNER,
    );
    expect(problems).toEqual([]);
    expect(value).toEqual({
      items: [
        { account_name: 'Berlin office' },
        { account_names: 'Branch *', label: 'Branches' },
        { recipient_account_id: 'ab' },
        { account_name: '2024' },
      ],
      indexes: [0, 1, 2, 4],
      labels: [],
    });
    const exclude = await readList('exclude', '[{"account_name":"Berlin office"},{"account_id":"ab"}]', OWNER);
    expect(exclude.value?.items).toEqual([{ account_name: 'Berlin office' }, { account_id: 'ab' }]);
  });

  test('to resources can have an owner and a meta', async () => {
    const text = `- {resource_type: gateway-policy, resource_name: Block malware}
- {resource_type: custom-ruleset, resource_name: 12, resource_account_id: ab, label: WAF}`;
    const { value, problems } = await readList('resources', text, OWNER);
    expect(problems).toEqual([]);
    expect(value?.items).toMatchObject([
      { resource_type: 'gateway-policy', resource_name: 'Block malware', resource_account_id: OWNER },
      { resource_type: 'custom-ruleset', resource_name: '12', resource_account_id: 'ab', label: 'WAF' },
    ]);
  });

  test('in a file keep their positions and make accounts the target of the share', async () => {
    const { value, problems } = await readSharesFile(
      'shares.yml',
      `shares:
  - name: A
    recipients:
      - account_names: Branch *
    resources:
      - {resource_type: gateway-policy, resource_name: P}
`,
      { accountId: OWNER },
    );
    expect(problems).toEqual([]);
    const [share] = value?.desired ?? [];
    expect(share).toMatchObject({ target: 'account', recipients: [{ account_names: 'Branch *' }] });
    expect(share && isResolved(share)).toBe(false);
    expect(share?.placeOf(['recipients', 0, 'account_names'])).toMatchObject({ line: 4, column: 24 });
  });

  test.each<['recipients' | 'resources' | 'exclude', string, string, RegExp]>([
    ['recipients', '[{"account_name":"A","account_id":"a"}]', 'recipients[0]', /^has more than one of/],
    ['recipients', '[{"account_name":"A","account_names":"B"}]', 'recipients[0]', /^has more than one of/],
    ['exclude', '[{"account_name":"A","account_id":"a"}]', 'exclude[0]', /^has more than one of/],
    ['recipients', '[{"account_name":" "}]', 'recipients[0].account_name', /^is empty: the account name is missing/],
    ['recipients', `[{"account_name":"${'x'.repeat(1001)}"}]`, 'recipients[0].account_name', /^is 1001 characters/],
    ['recipients', '[{"account_name":"A"},{}]', 'recipients[1]', /^accounts and organizations can't be mixed/],
    ['exclude', '[{"organization_name":"A"}]', 'exclude[0].organization_name', /^unknown key/],
    [
      'resources',
      '[{"resource_type":"gateway-policy","resource_name":"A","resource_id":"a"}]',
      'resources[0]',
      /^has both/,
    ],
    ['resources', '[{"resource_type":"gateway-policy"}]', 'resources[0].resource_id', /^is missing$/],
    [
      'resources',
      '[{"resource_type":"trust-grant","resource_name":"A"}]',
      'resources[0].resource_name',
      /^works only for gateway-policy and custom-ruleset/,
    ],
  ])('are refused if they are invalid: %s: %s, at %s', async (name, text, label, message) => {
    const { value, problems } = await readList(name, text, OWNER);
    expect(value).toBeUndefined();
    expect(problems).toEqual([{ message: expect.stringMatching(message), place: { label } }]);
  });

  test("to accounts can't be combined with exclusions", async () => {
    const text =
      'shares: [{name: A, recipients: [{account_name: B}], exclude: [{account_name: C}], resources: [{resource_type: x, resource_id: y}]}]';
    const { problems } = await readSharesFile('f', text, { accountId: OWNER });
    expect(problems).toMatchObject([{ place: { label: 'shares[0].exclude' } }]);
  });
});
