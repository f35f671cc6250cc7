// Jest's order of test files. Jest starts with those that took longest, but in a fresh clone it only knows their sizes, and the
// exhaustive tests take longest although their files are short. If they ran last, processors would wait for the last of them.
import Sequencer from '@jest/test-sequencer';
import { isExhaustive } from '../__tests__/select-tests.ts';

export default class TestSequencer extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (tests.every(({ duration }) => duration !== undefined)) return sorted;
    return [...sorted.filter(({ path }) => isExhaustive(path)), ...sorted.filter(({ path }) => !isExhaustive(path))];
  }
}
