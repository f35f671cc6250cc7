// GitHub's Marketplace has requirements for an action's metadata.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

const root = new URL('../../', import.meta.url);
const action = parse(readFileSync(new URL('action.yml', root), 'utf8'));

/** Icons of Feather 4.28 that GitHub accepts and that could mean sharing. */
const ICONS = ['share', 'share-2', 'users', 'user-plus', 'send', 'globe', 'cloud', 'shield', 'git-merge', 'layers'];
const COLORS = ['white', 'black', 'yellow', 'blue', 'green', 'orange', 'red', 'purple', 'gray-dark'];
/** An action can't use the names of GitHub's own pages and categories. */
const TAKEN = ['actions', 'api management', 'code quality', 'code review', 'deployment', 'security', 'utilities'];

describe('the Marketplace can accept action.yml', () => {
  test('because its description is short', () => {
    expect(action.description.length).toBeLessThan(125);
    expect(action.description.length).toBeGreaterThan(40);
  });

  test('because its name is allowed and plain', () => {
    expect(action.name).toMatch(/^[A-Z][A-Za-z]+( [A-Z][A-Za-z]+){1,4}$/);
    expect(TAKEN).not.toContain(action.name.toLowerCase());
  });

  test('because it has an author, and an icon and color that GitHub accepts', () => {
    expect(action.author).toMatch(/\S/);
    expect(ICONS).toContain(action.branding.icon);
    expect(COLORS).toContain(action.branding.color);
  });

  test('because it is the only action in a repository with a README', () => {
    const names = readdirSync(root);
    expect(names.filter((name) => /^action\.ya?ml$/.test(name))).toEqual(['action.yml']);
    expect(names).toContain('README.md');
  });
});
