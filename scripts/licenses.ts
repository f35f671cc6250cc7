// Writes dist/licenses.txt: every bundled package with its license, taken from the package's own files.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BundledPackage } from './bundle.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const LICENSE_FILE = /^(licen[cs]e|copying)(\.md|\.txt)?$/i;
/** For packages without a license file whose package.json says MIT. */
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** The text of licenses.txt. */
export const licenses = (packages: BundledPackage[]): string =>
  `${packages
    .map((bundled) => `${bundled.name} ${bundled.version}\n${bundled.license}\n\n${licenseOf(bundled)}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`)}`;

function licenseOf({ name, license, folder }: BundledPackage): string {
  const path = join(root, folder);
  const file = readdirSync(path).find((entry) => LICENSE_FILE.test(entry));
  if (file !== undefined) return plain(readFileSync(join(path, file), 'utf8'));
  const readme = join(path, 'README.md');
  const section = existsSync(readme) && /^(?:#+ )?Licen[cs]e\n(?:-+\n)?([\s\S]*)/im.exec(readFileSync(readme, 'utf8'));
  if (section && /Permission is hereby granted/.test(section[1] ?? '')) return plain(section[1] ?? '');
  const { author } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  if (license !== 'MIT' || author === undefined) throw new Error(`${name} contains no license text (${license})`);
  return `MIT License\n\nCopyright (c) ${typeof author === 'string' ? author : author.name}\n\n${MIT}`;
}

const plain = (text: string): string => text.replace(/\r\n?/g, '\n').trim();
