// CHANGELOG.md as a value: what a release says, and what becomes of "Unreleased" when there is one.

/** What the changelog says of a version, without its heading; undefined where it says nothing. */
export function notes(changelog: string, version: string): string | undefined {
  const text = part(changelog, version);
  return text?.slice(text.indexOf('\n')).trim() || undefined;
}

/**
 * The changelog with all that is unreleased under a version and a date (YYYY-MM-DD). One that has a part for the version,
 * and nothing unreleased, stays as it is.
 */
export function released(changelog: string, version: string, date: string): string {
  const unreleased = notes(changelog, 'Unreleased') !== undefined;
  const there = part(changelog, version) !== undefined;
  if (unreleased && there) throw new Error(`CHANGELOG.md has something unreleased, and a part ${version} already.`);
  if (!unreleased && !there) throw new Error('CHANGELOG.md has nothing under "## Unreleased".');
  return changelog.replace(/^## Unreleased$/m, unreleased ? `## Unreleased\n\n## ${version} - ${date}` : '$&');
}

const part = (changelog: string, heading: string): string | undefined =>
  changelog.split(/^## /m).find((text) => text.split(/\s/, 1)[0] === heading);
