// Many files contain the name of the repository. They all get it from package.json.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { files, moved, pinned, root, slug, withoutPlaceholders } from '../../scripts/repository.ts';

const HOME = 'home/cloudflare-share-action';

describe('renaming the repository', () => {
  test.each([
    ['- uses: home/cloudflare-share-action@v1', '- uses: new/name@v1'],
    ['git+https://github.com/home/cloudflare-share-action.git', 'git+https://github.com/new/name.git'],
    ['see https://github.com/home/cloudflare-share-action.', 'see https://github.com/new/name.'],
    ['https://github.com/home/cloudflare-share-action/issues', 'https://github.com/new/name/issues'],
    ['* @home', '* @new'],
    ['another-home/cloudflare-share-action', 'another-home/cloudflare-share-action'],
    ['home/cloudflare-share-action-fork', 'home/cloudflare-share-action-fork'],
    ['at home', 'at home'],
    ['cloudflare-share-action/1.0.0', 'cloudflare-share-action/1.0.0'],
  ])('changes only the name of the repository: %s', (before, after) => {
    expect(moved(before, HOME, 'new/name')).toBe(after);
  });

  test('is undone by renaming it back', () => {
    const elsewhere = ['some', 'where'].join('/');
    for (const file of files()) {
      const text = readFileSync(join(root, file), 'utf8');
      expect(moved(moved(text, slug(), elsewhere), elsewhere, slug())).toBe(text);
    }
  });
});

test('the README contains no placeholder once the repository has an owner', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [owner] = slug().split('/');
  expect(withoutPlaceholders(moved(readme, slug(), 'new/name'))).not.toMatch(new RegExp(`\\b${owner}\\b|placeholder`));
});

describe('pinning a version', () => {
  const zeros = '0'.repeat(40);
  const sha = '0123456789abcdef0123456789abcdef01234567';
  test.each([
    [`uses: ${HOME}@${zeros} # v1.0.0`, `uses: ${HOME}@${sha} # v1.2.3`],
    [
      `uses: ${HOME}/.github/workflows/shares.yml@${zeros} # v1.0.0`,
      `uses: ${HOME}/.github/workflows/shares.yml@${sha} # v1.2.3`,
    ],
    [`uses: actions/checkout@${zeros} # v1.0.0`, `uses: actions/checkout@${zeros} # v1.0.0`],
  ])('changes only the version of this repository: %s', (before, after) => {
    expect(pinned(before, HOME, sha, 'v1.2.3')).toBe(after);
  });
});

test('every file names the same repository', () => {
  const [owner, name] = slug().split('/');
  const address = new RegExp(`(?:uses: |github(?:usercontent)?\\.com/)([\\w-]+)/${name}(?![\\w-])`, 'g');
  const found = files()
    .filter((file) => !file.startsWith('__tests__/project/'))
    .flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(address)].map(([, of]) => [file, of]));
  expect(found.length).toBeGreaterThan(10);
  expect(found.filter(([, of]) => of !== owner)).toEqual([]);
});

test('package.json has a description and the address for bug reports', () => {
  const { homepage, bugs } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect([homepage, bugs]).toEqual([`https://github.com/${slug()}#readme`, `https://github.com/${slug()}/issues`]);
});
