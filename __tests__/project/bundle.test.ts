// Properties of dist/index.js that make it start quickly. Nothing else would fail without them.

import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const code = readFileSync(new URL('../../dist/index.js', import.meta.url), 'utf8');

test('dist/index.js has module functions in parentheses, because V8 would parse others twice', () => {
  const modules = code.match(/[{,]\d+:(?=\(?(\(|\w+=>|function))/g) ?? [];
  const inParentheses = code.match(/[{,]\d+:\((\(|\w+=>|function)/g) ?? [];
  expect(modules.length).toBeGreaterThan(20);
  expect(inParentheses).toHaveLength(modules.length);
});

test('dist/index.js merges the entry point with the modules that it needs', () => {
  const afterModules = code.slice(code.lastIndexOf('.index.js'));
  expect(afterModules).toContain("This is a bug in the action. The action can't tell what it has done");
  expect(afterModules).toContain('request-timeout');
});

test('dist/index.js contains nothing for older versions of Node or for OIDC', () => {
  for (const name of ['ByteLengthQueuingStrategy', 'undici'])
    expect([name, code.includes(name)]).toEqual([name, false]);
});

test("dist/index.js imports Node's modules without a require function for each", () => {
  expect(code).not.toContain('createRequire');
  expect(code.match(/process\.getBuiltinModule\(/g)?.length).toBeGreaterThan(5);
});

test('dist/index.js has exports as plain properties, because V8 would compile a getter for each', () => {
  const getters = code.match(/\.d\(\w+,\{\w+:\(\)=>/g) ?? [];
  expect(getters).toHaveLength(1); // the export of the entry point itself
});

test('dist/index.js does not use import.meta, because Node would load another module for it', () => {
  expect(code).not.toContain('import.meta');
});

test('dist/index.js has no pattern with Unicode properties, because V8 would look them up when it reads the code', () => {
  // In the text from which such a pattern is made, the backslash is escaped.
  expect(code.match(/.{20}(?<!\\)\\p\{.{20}/g)).toBeNull();
});
