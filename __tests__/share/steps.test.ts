import { describe, expect, test } from '@jest/globals';
import { keyOf, type Step, shareNameIn, wordsOf } from '../../src/share/steps.ts';
import { there, thereResource } from './values.ts';

const resource = { ...thereResource('c1'), meta: {}, previous_meta: { a: 1 } };

/** A step of each kind, with its words in the log. */
const STEPS: [Step, string][] = [
  [{ kind: 'create', name: 'a"b' }, 'create share "a\\"b"'],
  [{ kind: 'create', name: 'Baseline', shareId: 's1' }, 'create share "Baseline" (s1)'],
  [{ kind: 'rename', name: 'Baseline' }, 'rename the share to "Baseline"'],
  [{ kind: 'exclude', shareId: 's1', accounts: 1 }, 'exclude 1 account from share s1'],
  [
    { kind: 'change', change: { op: 'add', kind: 'recipient', item: { recipient_account_id: 'a1' } } },
    'add recipient a1',
  ],
  [
    { kind: 'change', change: { op: 'add', kind: 'recipient', item: { organization_id: 'o1' } } },
    'add organization o1',
  ],
  [{ kind: 'change', change: { op: 'add', kind: 'recipient', item: {} } }, 'add the whole organization'],
  [{ kind: 'change', change: { op: 'remove', kind: 'recipient', item: there('a1') } }, 'remove recipient a1'],
  [{ kind: 'change', change: { op: 'update', kind: 'resource', item: resource } }, 'update resource gateway-policy c1'],
  [
    { kind: 'change', change: { op: 'add', kind: 'exclusion', item: { account_id: 'a1' } } },
    'add exclusion of account a1',
  ],
  [{ kind: 'delete', shareId: 's1' }, 'delete share s1'],
  [{ kind: 'delete-temporary', shareId: 's1' }, 'delete the temporary share s1'],
  [{ kind: 'delete-replaced', shareId: 's1' }, 'delete the replaced share s1'],
  [{ kind: 'roll-back', shareId: 's1' }, 'roll back share s1'],
  [{ kind: 'wait-until-associated' }, 'wait until every recipient is associated'],
  [{ kind: 'wait-until-deleted', shareId: 's1' }, 'wait until share s1 is deleted'],
];

test.each(STEPS)('%j reads as "%s"', (step, words) => {
  expect(wordsOf(step)).toBe(words);
});

test("shareNameIn returns the share's name if the words contain it", () => {
  for (const [step, words] of STEPS) {
    const name = shareNameIn(step);
    expect(words.includes('"')).toBe(name !== undefined);
    if (name !== undefined) expect(words).toContain(JSON.stringify(name));
  }
});

describe('the key of a step', () => {
  test('differs for different steps', () => {
    const steps = STEPS.map(([step]) => step).filter((step) => !(step.kind === 'create' && step.shareId));
    expect(new Set(steps.map(keyOf)).size).toBe(steps.length);
  });

  test.each<[string, Step, Step]>([
    [
      'a create call before and after it succeeds',
      { kind: 'create', name: 'N' },
      { kind: 'create', name: 'N', shareId: 's1' },
    ],
    ['ids in another case', { kind: 'delete', shareId: 'AB' }, { kind: 'delete', shareId: 'ab' }],
    [
      'an account under either of its keys',
      { kind: 'change', change: { op: 'add', kind: 'recipient', item: { account_id: 'A1' } } },
      { kind: 'change', change: { op: 'add', kind: 'recipient', item: { recipient_account_id: 'a1' } } },
    ],
    [
      'a resource, regardless of its other fields',
      { kind: 'change', change: { op: 'update', kind: 'resource', item: resource } },
      { kind: 'change', change: { op: 'update', kind: 'resource', item: { ...resource, resource_id: 'C1' } } },
    ],
  ])('is the same for %s', (_, a, b) => {
    expect(keyOf(a)).toBe(keyOf(b));
  });

  test.each(['update', 'remove'] as const)('distinguishes copies of one resource (%s)', (op) => {
    const of = (id: string): string =>
      keyOf({ kind: 'change', change: { op, kind: 'resource', item: { ...resource, id } } });
    expect(of('copy1')).not.toBe(of('copy2'));
    expect(of('copy1')).toBe(of('COPY1'));
  });

  test('distinguishes resources of different owners', () => {
    const of = (resource_account_id: string): string =>
      keyOf({ kind: 'change', change: { op: 'update', kind: 'resource', item: { ...resource, resource_account_id } } });
    expect(of('o1')).not.toBe(of('o2'));
  });
});
