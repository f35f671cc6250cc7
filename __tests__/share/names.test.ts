import { describe, expect, test } from '@jest/globals';
import { asLabel, nameOf, namesOf, shortId, withName, withNames } from '../../src/share/names.ts';

const names = new Map([
  ['1111', 'Berlin'],
  ['ab-cd', 'Gateway rules'],
]);

test('finds names regardless of the case of the id', () => {
  expect(nameOf('AB-CD', names)).toBe('Gateway rules');
  expect(nameOf('2222', names)).toBeUndefined();
});

test('shows the name first and always includes the id', () => {
  expect(withName('AB-cd', names)).toBe('Gateway rules (AB-cd)');
  expect(withName('2222', names)).toBe('2222');
});

test.each([
  ['+ recipient 1111', '+ recipient Berlin (1111)'],
  ['AB-CD, 1111: 2222', 'Gateway rules (AB-CD), Berlin (1111): 2222'],
  ['Berlin (1111) and 1111', 'Berlin (1111) and Berlin (1111)'],
  ['Paris (1111)', 'Paris (Berlin (1111))'],
  ['11112 x1111 1111_ ab', '11112 x1111 1111_ ab'],
  ['', ''],
])('adds the names of known ids in %j', (text, named) => {
  expect(withNames(text, names)).toBe(named);
});

test('leaves a text unchanged when no names are known', () => {
  expect(withNames('+ recipient 1111', new Map())).toBe('+ recipient 1111');
});

const label = (id: string, text: string, place = `${id} ${text}`) => ({ id, label: text, place: { label: place } });

describe('names and labels', () => {
  test('come from Cloudflare, or from labels if Cloudflare has none', () => {
    const { names, warnings } = namesOf([label('N1', 'New office')], new Map([['b1', 'Berlin office']]));
    expect(Object.fromEntries(names)).toEqual({ b1: 'Berlin office', n1: 'New office' });
    expect(warnings).toEqual([]);
  });

  test('are both shown, with a warning, if they differ', () => {
    const known = new Map([
      ['b1', 'Berlin office'],
      ['c1', ' '],
    ]);
    const { names, warnings } = namesOf([label('b1', 'Paris'), label('c1', 'Cadiz')], known);
    expect([...names.values()]).toEqual(['Berlin office, labeled "Paris"', ' , labeled "Cadiz"']);
    expect(warnings).toEqual([
      {
        message: 'gives b1 the label "Paris", but its name at Cloudflare is "Berlin office"',
        place: { label: 'b1 Paris' },
      },
      { message: 'gives c1 the label "Cadiz", but its name at Cloudflare is " "', place: { label: 'c1 Cadiz' } },
    ]);
  });

  test('do not differ if they are equal after Unicode normalization', () => {
    const known = new Map([
      ['b1', 'Berlin office'],
      ['z1', 'Zu\u0308rich'],
    ]);
    const { names, warnings } = namesOf([label('b1', 'Berlin office'), label('z1', 'Z\u00fcrich')], known);
    expect([names.get('b1'), names.get('z1'), warnings]).toEqual(['Berlin office', 'Zu\u0308rich', []]);
  });

  test.each([
    ['a name that had to be shortened', 'x'.repeat(120), `${'x'.repeat(99)}…`],
    ['a name of exactly the maximum length', 'x'.repeat(100), 'x'.repeat(100)],
    ['a name with surrounding spaces', ' Oslo ', ' Oslo '],
  ])('do not differ if the label was exported from %s', (_, name, text) => {
    expect(asLabel(name)).toBe(text);
    expect(namesOf([label('a1', text)], new Map([['a1', name]])).warnings).toEqual([]);
    expect(namesOf([label('a1', text.trim())], new Map([['a1', name]])).warnings).toEqual([]);
    expect(asLabel(' ')).toBeUndefined();
  });

  test('include only the first of several labels for one id, with one warning for the id', () => {
    const labels = [label('a1', 'A'), label('A1', 'B'), label('a1', 'C'), label('a1', 'A'), label('b1', 'D')];
    const { names, warnings } = namesOf([...labels, label('b1', 'E')]);
    expect(Object.fromEntries(names)).toEqual({ a1: 'A', b1: 'D' });
    expect(warnings).toEqual([
      { message: expect.stringContaining('"A"'), place: { label: 'A1 B' } },
      { message: expect.stringContaining('"D"'), place: { label: 'b1 E' } },
    ]);
  });

  test("show a pattern's label for every match, with one warning", () => {
    const labels = ['a1', 'a2', 'a3'].map((id) => label(id, 'Branches', 'recipients[0].label'));
    const known = labels.map(({ id }) => [id, `Branch ${id}`] as const);
    const { names, warnings } = namesOf(labels, new Map(known));
    expect([...names.values()]).toEqual(['a1', 'a2', 'a3'].map((id) => `Branch ${id}, labeled "Branches"`));
    expect(warnings.map(({ message }) => message)).toEqual([
      'gives a1 the label "Branches", but its name at Cloudflare is "Branch a1"',
      'gives a2 the label "Branches", but that is already the label of a1',
    ]);
  });

  test('cause one warning for each label that several ids have', () => {
    const oslo = ['a1', 'a2', 'A1', 'a3'].map((id) => label(id, 'Oslo'));
    const { warnings } = namesOf([...oslo, label('b1', 'Bergen'), label('b2', 'Bergen')]);
    expect(warnings).toEqual([
      { message: 'gives a2 the label "Oslo", but that is already the label of a1', place: { label: 'a2 Oslo' } },
      { message: 'gives b2 the label "Bergen", but that is already the label of b1', place: { label: 'b2 Bergen' } },
    ]);
  });
});

test('shortens only long ids', () => {
  expect(['', '123456789012', '1234567890123'].map(shortId)).toEqual(['', '123456789012', '12345678…']);
});

test.each([
  [
    'a second label for an id',
    [
      ['A', 'One'],
      ['a', 'Two'],
    ],
    'gives a the label "Two", but a already has the label "One", which is shown instead',
  ],
  [
    'a label that another id already has',
    [
      ['A', 'One'],
      ['b', 'One'],
    ],
    'gives b the label "One", but that is already the label of A',
  ],
  [
    'a label that differs from the name',
    [['1111', 'Oslo']],
    'gives 1111 the label "Oslo", but its name at Cloudflare is "Berlin"',
  ],
])('warns about %s', (_, labels, message) => {
  const given = labels.map(([id = '', label = '']) => ({ id, label, place: { label: 'recipients[0].label' } }));
  expect(namesOf(given, names).warnings.map((warning) => warning.message)).toEqual([message]);
});
