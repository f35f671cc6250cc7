// What GitHub's Marketplace asks of an action's metadata.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

const root = new URL('../../', import.meta.url);
const action = parse(readFileSync(new URL('action.yml', root), 'utf8'));

/** The icons of Feather 4.28 that GitHub takes and that could stand for sharing. */
const ICONS = ['share', 'share-2', 'users', 'user-plus', 'send', 'globe', 'cloud', 'shield', 'git-merge', 'layers'];
const COLORS = ['white', 'black', 'yellow', 'blue', 'green', 'orange', 'red', 'purple', 'gray-dark'];
/** Names of GitHub's own pages and categories cannot be taken. */
const TAKEN = ['actions', 'api management', 'code quality', 'code review', 'deployment', 'security', 'utilities'];

describe('the Marketplace takes action.yml', () => {
  test('with a short description', () => {
    expect(action.description.length).toBeLessThan(125);
    expect(action.description.length).toBeGreaterThan(40);
  });

  test('with a name of its own, of plain words', () => {
    expect(action.name).toMatch(/^[A-Z][A-Za-z]+( [A-Z][A-Za-z]+){1,4}$/);
    expect(TAKEN).not.toContain(action.name.toLowerCase());
  });

  test('with an author and branding of its sets', () => {
    expect(action.author).toMatch(/\S/);
    expect(ICONS).toContain(action.branding.icon);
    expect(COLORS).toContain(action.branding.color);
  });

  test('as the only action of the repository, with a README', () => {
    const names = readdirSync(root);
    expect(names.filter((name) => /^action\.ya?ml$/.test(name))).toEqual(['action.yml']);
    expect(names).toContain('README.md');
  });
});
