import { expect, test } from '@jest/globals';
import { type DesiredShare, isResolved, type WrittenShare, withoutId } from '../../src/share/desired.ts';
import { desired } from './values.ts';

test.each<[string, Partial<WrittenShare>, boolean]>([
  ['ids', {}, false],
  ['no lists', { recipients: undefined, resources: undefined } as object, false],
  ['a recipient by name', { recipients: [{ account_id: 'a' }, { account_name: 'Berlin' }] }, true],
  ['recipients by a pattern', { recipients: [{ account_names: 'Branch *' }] }, true],
  [
    'a resource by name',
    { resources: [{ resource_type: 'gateway-policy', resource_account_id: 'o', resource_name: 'P' }] },
    true,
  ],
  ['an exclusion by name', { exclude: [{ account_name: 'Berlin' }] }, true],
])('tells whether a share with %s has names to look up', (_, parts, has) => {
  const written: WrittenShare = { ...desired(), ...parts };
  expect(isResolved(written)).toBe(!has);
});

test('a share can be looked up by its name instead of its id', () => {
  const byId: DesiredShare = desired({ shareId: 's1' });
  const { shareId, ...byName } = byId;
  expect(withoutId(byId)).toEqual(byName);
});
