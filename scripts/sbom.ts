// Describes the contents of dist/ as a CycloneDX document: every bundled package with its license, the hash of its
// archive, and its dependencies. The document has no date and no random number, so the same dist/ gives the same
// document.

import type { BundledPackage } from './bundle.ts';

export interface LockedPackage {
  integrity?: string;
  dependencies?: Record<string, string>;
}

interface Subject {
  name: string;
  version: string;
  license: string;
  /** `owner/name` of the repository. */
  home: string;
}

/** @param locked `packages` of package-lock.json */
export function sbom(subject: Subject, packages: BundledPackage[], locked: Record<string, LockedPackage>): object {
  const reference = `pkg:github/${subject.home}@v${subject.version}`;
  const folders = new Map(packages.map((bundled) => [bundled.folder, bundled]));

  /** The bundled packages that a package depends on, resolved as Node does. */
  const needs = (folder: string): string[] =>
    Object.keys(locked[folder]?.dependencies ?? {})
      .flatMap(
        (name) =>
          ancestors(folder)
            .map((at) => `${at}node_modules/${name}`)
            .find((at) => at in locked) ?? [],
      )
      .flatMap((found) => folders.get(found) ?? [])
      .map(purl)
      .sort();

  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': reference,
        name: subject.name,
        version: subject.version,
        licenses: licenses(subject.license),
        purl: reference,
        externalReferences: [{ type: 'vcs', url: `https://github.com/${subject.home}` }],
      },
    },
    components: packages.map((bundled) => {
      const [scope, name] = bundled.name.startsWith('@') ? bundled.name.split('/') : [undefined, bundled.name];
      return {
        type: 'library',
        'bom-ref': purl(bundled),
        ...(scope !== undefined && { group: scope }),
        name,
        version: bundled.version,
        scope: 'required',
        hashes: hashes(locked[bundled.folder]?.integrity),
        licenses: licenses(bundled.license),
        purl: purl(bundled),
      };
    }),
    dependencies: [
      { ref: reference, dependsOn: needs('') },
      ...packages.map((bundled) => ({ ref: purl(bundled), dependsOn: needs(bundled.folder) })),
    ],
  };
}

const purl = ({ name, version }: BundledPackage): string => `pkg:npm/${name.replace('@', '%40')}@${version}`;

const licenses = (license: string): object[] =>
  /^[\w.+-]+$/.test(license) ? [{ license: { id: license } }] : [{ expression: license }];

function hashes(integrity: string | undefined): object[] {
  const [, base64] = /^sha512-(.+)$/.exec(integrity ?? '') ?? [];
  if (base64 === undefined) throw new Error('a bundled package is not locked with a SHA-512 hash');
  return [{ alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') }];
}

/** The folders whose node_modules a package can see, nearest first. `''` is the project; the others end with a slash. */
function ancestors(folder: string): string[] {
  if (folder === '') return [''];
  return [`${folder}/`, ...ancestors(folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/'))))];
}
