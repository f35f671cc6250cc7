import { describe, expect, test } from '@jest/globals';
import { readList } from '../../src/inputs/lists.ts';
import { readSharesFile } from '../../src/inputs/shares-file.ts';
import { namesOf } from '../../src/share/names.ts';

const OWNER = '023e105f4ecef8ad9ca31a8372d0c353';

describe('labels', () => {
  test('are kept by id, and are never sent', async () => {
    const text = `- {account_id: AB, label: Berlin}\n- {recipient_account_id: cd, label: ${'👍'.repeat(100)}}\n- {account_id: ef, label: 12}`;
    const { value } = await readList('recipients', text, OWNER);
    expect(value?.items).toEqual([{ account_id: 'AB' }, { recipient_account_id: 'cd' }, { account_id: 'ef' }]);
    expect(value?.labels).toEqual([
      { id: 'AB', label: 'Berlin', place: { label: 'recipients[0].label (line 1, column 27)' } },
      { id: 'cd', label: '👍'.repeat(100), place: { label: 'recipients[1].label (line 2, column 37)' } },
      { id: 'ef', label: '12', place: { label: 'recipients[2].label (line 3, column 27)' } },
    ]);
    const organization = await readList('recipients', '- {organization_id: ab, label: All}', OWNER);
    expect(organization.value?.items).toEqual([{ organization_id: 'ab' }]);
    const what = await readList(
      'resources',
      '- {resource_type: gateway-policy, resource_id: c1, label: Malware}',
      OWNER,
    );
    expect(what.value?.items[0]).not.toHaveProperty('label');
    expect(what.value?.labels).toMatchObject([{ id: 'c1', label: 'Malware' }]);
  });

  test('cause a warning if one id has two labels, and the first one is used', async () => {
    const shares = ['A', 'B', 'C'].map((name, i) => ({
      name,
      recipients: [{ recipient_account_id: i === 0 ? 'AB' : 'ab', label: i === 0 ? 'Berlin' : 'Paris' }],
      resources: [{ resource_type: 'trust-grant', resource_id: 'r' }],
    }));
    const { value } = await readSharesFile('f', JSON.stringify({ shares }), { accountId: OWNER });
    const { names, warnings } = namesOf(value?.labels ?? []);
    expect(names).toEqual(new Map([['ab', 'Berlin']]));
    expect(warnings).toMatchObject([
      {
        message: 'gives ab the label "Paris", but ab already has the label "Berlin", which is shown instead',
        place: { file: 'f' },
      },
    ]);
  });
});
