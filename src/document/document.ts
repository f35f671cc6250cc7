// Reads JSON or YAML 1.2 into a JSON value that can be sent exactly as it was written, or refuses it with a position.
// JSON.parse reads JSON in its common form. The YAML package is loaded only for the rest.

import type { Json } from '../share/json.ts';
import type { Document, Path } from './position.ts';

interface ReadOptions {
  /** Scalars at this path are text, even if YAML reads them as numbers: 11111111111111111111111111111111 is an id. */
  isText: (path: Path) => boolean;
  /** Whether positions are needed, as for a file. They need the YAML package. */
  positions: boolean;
}

export async function readDocument(text: string, options: ReadOptions): Promise<Document> {
  const json = parseJson(text);
  if (json && !options.positions && isExact(text, json.value)) {
    return { value: json.value, flaws: [], positionOf: () => undefined };
  }
  const { readYaml } = await import('./yaml.ts');
  const document = readYaml(text, json ? { isText: () => false } : options);
  // The value of a JSON text comes from JSON.parse. Reading it as YAML as well gives positions, and finds repeated keys and
  // numbers that would change.
  return json && document.flaws.length === 0 ? { ...document, value: json.value } : document;
}

function parseJson(text: string): { value: Json } | undefined {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return undefined;
  }
}

/** Does the value written back give the same text, white space aside? Then no key was repeated, no number changed. */
function isExact(text: string, value: Json): boolean {
  try {
    return JSON.stringify(value) === text.replace(/("(?:[^"\\]|\\.)*")|\s+/gu, '$1');
  } catch {
    return false; // nested too deeply to be written
  }
}
