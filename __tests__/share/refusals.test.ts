import { expect, test } from '@jest/globals';
import { needsReplace, severalOfTheName, tooWideToKeep } from '../../src/share/decide.ts';
import { share } from './values.ts';

test('a refusal of several shares with one name says how they differ and what to do', () => {
  const shares = ['s1', 's2', 's3'].map((id, i) => share({ id, created: `2026-01-0${i + 1}T00:00:00Z` }));
  expect(severalOfTheName('a"b', shares)).toBe(
    `There are 3 live shares named "a\\"b": s1 (created 2026-01-01T00:00:00Z), s2 (created 2026-01-02T00:00:00Z), s3 (created 2026-01-03T00:00:00Z). The action doesn't guess which one you mean. Delete the others (mode: delete with share-id) or, if you don't use config, set share-id to the one you mean`,
  );
});

test('a refusal of a share with another target names the share and its target', () => {
  expect(needsReplace(share())).toBe(
    'Share "S" (s1) targets accounts, which doesn\'t match recipients. This can\'t be changed in place. With replace: true, the action creates a new share and then deletes this one, so recipients get everything again from the new share',
  );
  expect(tooWideToKeep(share({ target_type: 'organization', organization_id: 'o2' }))).toBe(
    'Share "S" (s1) targets the organization o2, which doesn\'t match recipients. With if-exists: keep, the action doesn\'t change it. To replace it, set if-exists: update and replace: true',
  );
});
