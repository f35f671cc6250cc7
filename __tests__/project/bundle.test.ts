// What makes dist/index.js start soon, and nobody would miss if it went.

import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const code = readFileSync(new URL('../../dist/index.js', import.meta.url), 'utf8');

test('functions of modules stand in parentheses: V8 reads others twice', () => {
  const modules = code.match(/[{,]\d+:(?=\(?(\(|\w+=>|function))/g) ?? [];
  const inParentheses = code.match(/[{,]\d+:\((\(|\w+=>|function)/g) ?? [];
  expect(modules.length).toBeGreaterThan(20);
  expect(inParentheses).toHaveLength(modules.length);
});

test('the entry is merged with what it needs, and does not wait in a module of its own', () => {
  const afterModules = code.slice(code.lastIndexOf('import.meta.url.match'));
  expect(afterModules).toContain('This is a bug in the action. What was done is not known');
  expect(afterModules).toContain('request-timeout');
});

test('nothing for older versions of Node is in it, and nothing that only OIDC needs', () => {
  for (const name of ['ByteLengthQueuingStrategy', 'undici'])
    expect([name, code.includes(name)]).toEqual([name, false]);
});

test('gets modules of Node without making a require function for each', () => {
  expect(code).not.toContain('createRequire');
  expect(code.match(/process\.getBuiltinModule\(/g)?.length).toBeGreaterThan(5);
});
