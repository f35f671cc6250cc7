import { expect, test } from '@jest/globals';
import type { SharePlan } from '../../src/share/plan.ts';
import { changeWords, planWords } from '../../src/share/plan-words.ts';
import { desiredResource, exclusion, plan, there, thereResource } from './values.ts';

const some = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one);

const WORDS: [SharePlan, string][] = [
  [plan(), 'in sync'],
  [plan({ action: 'create' }), 'to create'],
  [plan({ action: 'replace' }), 'to replace'],
  [plan({ action: 'delete' }), 'to delete'],
  [plan({ unlisted: true }), 'not in the file'],
  [plan({ action: 'update', rename: { from: 'O"ld', to: 'S' } }), 'to rename from "O\\"ld"'],
  [
    plan({
      action: 'update',
      recipients: { add: [{}], remove: some(2, there('a1')), extra: some(3, there('a2')) },
    }),
    'the organization to add, 2 recipients to remove, 3 recipients not listed',
  ],
  [
    plan({
      action: 'update',
      resources: {
        add: some(4, desiredResource('r1')),
        update: [{ ...thereResource('r2'), meta: {}, previous_meta: {} }],
        remove: [thereResource('r3')],
        extra: some(2, thereResource('r4')),
      },
    }),
    '4 resources to add, 1 resource to update, 1 resource to remove, 2 resources not listed',
  ],
  [
    plan({
      action: 'create',
      recipients: { add: [{}], remove: [], extra: [] },
      exclusions: { add: [{ account_id: 'a1' }], remove: some(2, exclusion('a2')), extra: [exclusion('a3')] },
    }),
    'to create, the organization to add, 1 account to exclude, 2 exclusions to lift, 1 exclusion not listed',
  ],
];

test.each(WORDS.map(([planned, words]): [string, SharePlan] => [words, planned]))(
  'describes a plan as: %s',
  (words, planned) => {
    expect(planWords(planned)).toBe(words);
  },
);

test('changeWords describes changes without unlisted items', () => {
  const planned = plan({
    action: 'update',
    recipients: { add: [{}], remove: [], extra: [there('a1')] },
    resources: { add: [], update: [], remove: [thereResource('r1')], extra: [thereResource('r2')] },
    exclusions: { add: [{ account_id: 'a1' }], remove: [], extra: [exclusion('a2')] },
  });
  expect(changeWords(planned)).toBe('the organization to add, 1 resource to remove, 1 account to exclude');
  expect(changeWords(plan({ recipients: { add: [], remove: [], extra: [there('a1')] } }))).toBe('');
});

test.each<[string, Parameters<typeof plan>[0], boolean, string]>([
  ['is in sync', {}, false, 'in sync'],
  ['is kept', {}, true, 'left unchanged (if-exists: keep)'],
  ['is already gone', { share_id: null }, false, 'already gone'],
  ['is not in the file', { unlisted: true }, false, 'not in the file'],
  ['is deleted', { action: 'delete' }, false, 'to delete'],
  ['is replaced', { action: 'replace' }, false, 'to replace'],
  [
    'is deleted with its recipients',
    { action: 'delete', recipients: { add: [], remove: [there('a1')], extra: [] } },
    false,
    'to delete, 1 recipient to lose it',
  ],
  [
    'is shared with two organizations',
    {
      action: 'update',
      recipients: { add: [{ organization_id: 'o1' }, { organization_id: 'o2' }], remove: [], extra: [] },
    },
    false,
    '2 organizations to add',
  ],
  ['is renamed', { action: 'update', rename: { from: 'Old', to: 'S' } }, false, 'to rename from "Old"'],
])('describes a share that %s', (_, parts, kept, words) => {
  expect(planWords(plan(parts), kept)).toBe(words);
});
