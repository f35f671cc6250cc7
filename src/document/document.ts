// Reads JSON or YAML 1.2 into a JSON value that can be sent exactly as written, or rejects it with a position. JSON is
// read without the YAML package, which is loaded only if needed.

import type { Json } from '../share/json.ts';
import { flawsInJson, positionsInJson } from './json-text.ts';
import type { Document, Path } from './position.ts';

interface ReadOptions {
  /**
   * Is any JSON value allowed at this path? Elsewhere, YAML numbers are read as text, digit by digit:
   * 11111111111111111111111111111111 is an id.
   */
  isFree: (path: Path) => boolean;
}

export async function readDocument(text: string, { isFree }: ReadOptions): Promise<Document> {
  const json = parseJson(text);
  if (json) {
    const flaws = flawsInJson(text, isFree);
    return {
      value: flaws.some(({ path }) => path.length === 0) ? undefined : json.value,
      flaws,
      positionOf: positionsInJson(text),
    };
  }
  const { readYaml } = await import('./yaml.ts');
  return readYaml(text, isFree);
}

function parseJson(text: string): { value: Json } | undefined {
  // Most YAML is recognized at once as not being JSON.
  if (!/^\s*["[{\d-]|^\s*(true|false|null)\s*$/.test(text)) return undefined;
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return undefined;
  }
}
