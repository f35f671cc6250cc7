// Reads the notes of a release from CHANGELOG.md, and turns "Unreleased" into a release.

/** The section of a version without its heading. Undefined if there is none, or it is empty. */
export function notes(changelog: string, version: string): string | undefined {
  const text = part(changelog, version);
  return text?.slice(text.indexOf('\n')).trim() || undefined;
}

/**
 * Moves the unreleased changes into a section for a version, with a date (YYYY-MM-DD). If the version already has a
 * section and nothing is unreleased, nothing changes.
 */
export function released(changelog: string, version: string, date: string): string {
  const unreleased = notes(changelog, 'Unreleased') !== undefined;
  const there = part(changelog, version) !== undefined;
  if (unreleased && there) throw new Error(`CHANGELOG.md has unreleased changes, but also a section for ${version}.`);
  if (!unreleased && !there) throw new Error('CHANGELOG.md has nothing under "## Unreleased".');
  return changelog.replace(/^## Unreleased$/m, unreleased ? `## Unreleased\n\n## ${version} - ${date}` : '$&');
}

const part = (changelog: string, heading: string): string | undefined =>
  changelog.split(/^## /m).find((text) => text.split(/\s/, 1)[0] === heading);
