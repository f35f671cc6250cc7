// Which tests need a build, and which `npm run test:unit` leaves out.

import { describe, expect, test } from '@jest/globals';
import { testFiles, unitTests, usesDist } from '../select-tests.ts';

const at = (name: string): string => testFiles().find((path) => path.replaceAll('\\', '/').endsWith(name)) ?? name;

describe('a build is needed', () => {
  test.each(['action/create.test.ts', 'faults/model.test.ts', 'project/licenses.test.ts', 'examples/examples.test.ts'])(
    'if the test or a file that it imports uses dist/: %s',
    (name) => {
      expect(usesDist(at(name))).toBe(true);
    },
  );

  test.each(['action/inputs.test.ts', 'share/plan.test.ts', 'faults/create.test.ts'])('but not for %s', (name) => {
    expect(usesDist(at(name))).toBe(false);
  });
});

test('test:unit omits only exhaustive tests and tests that start processes', () => {
  const ran = unitTests();
  expect(ran).toEqual(expect.arrayContaining(['action/inputs.test.ts', 'apply/races.test.ts', 'share/plan.test.ts']));
  const exhaustive = ['faults/create.test.ts', 'model/model.test.ts', 'apply/truth.test.ts', 'inputs/worst.test.ts'];
  for (const name of ['action/create.test.ts', 'project/step.test.ts', ...exhaustive]) expect(ran).not.toContain(name);
  expect(ran.length).toBeGreaterThan(75);
});
