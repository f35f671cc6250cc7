// Replaces `@jest/globals` for the tests that `runner.ts` runs: collects the tests of a file, so that each can run many times.

import { expect } from 'expect';
import { bind } from 'jest-each';
import { ModuleMocker } from 'jest-mock';

type Fn = () => unknown;

/** A `describe`, or a file. */
export interface Block {
  name: string;
  parent?: Block;
  beforeAll: Fn[];
  afterAll: Fn[];
  beforeEach: Fn[];
  afterEach: Fn[];
}

export interface Test {
  name: string;
  block: Block;
  fn: Fn;
}

export const newBlock = (name: string, parent?: Block): Block => ({
  name,
  ...(parent && { parent }),
  beforeAll: [],
  afterAll: [],
  beforeEach: [],
  afterEach: [],
});

let current = newBlock('');
let collected: Test[] = [];

/**
 * The tests that `load` registers, by id: the file, the names of the blocks and the test, and a number if two tests
 * have the same names.
 */
export async function collect(file: string, load: () => Promise<unknown>): Promise<Map<string, Test>> {
  current = newBlock(file);
  collected = [];
  await load();
  const tests = new Map<string, Test>();
  for (const test of collected) {
    let id = test.name;
    for (let n = 2; tests.has(id); n++) id = `${test.name} (${n})`;
    tests.set(id, test);
  }
  return tests;
}

/** The block and its parents, starting with the file. */
export const blocksOf = (block: Block): Block[] => [...(block.parent ? blocksOf(block.parent) : []), block];

function addTest(name: string, fn: Fn): void {
  const names = blocksOf(current).map((block) => block.name);
  collected.push({ name: `${names[0]}: ${[...names.slice(1), name].join(' > ')}`, block: current, fn });
}

function addBlock(name: string, fn: Fn): void {
  const parent = current;
  current = newBlock(name, parent);
  fn();
  current = parent;
}

const hooks =
  (kind: 'beforeAll' | 'afterAll' | 'beforeEach' | 'afterEach') =>
  (fn: Fn): void =>
    void current[kind].push(fn);

export const beforeAll = hooks('beforeAll');
export const afterAll = hooks('afterAll');
export const beforeEach = hooks('beforeEach');
export const afterEach = hooks('afterEach');
const each = { each: bind(addTest as never, false) };
export const test = Object.assign(addTest, { ...each, concurrent: Object.assign(addTest.bind(null), each) });
export const it = test;
export const describe = Object.assign(addBlock, { each: bind(addBlock as never, false) });
export { expect };

const mocker = new ModuleMocker(globalThis as never);
export const jest = {
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  restoreAllMocks: () => mocker.restoreAllMocks(),
  setTimeout: () => undefined,
};
