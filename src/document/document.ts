// Reads JSON or YAML 1.2 into a JSON value that can be sent exactly as it was written, or refuses it with a position.
// JSON is read without the YAML package, which is loaded only for the rest.

import type { Json } from '../share/json.ts';
import { flawsInJson, positionsInJson } from './json-text.ts';
import type { Document, Path } from './position.ts';

interface ReadOptions {
  /**
   * May any JSON value be at this path? Elsewhere YAML's numbers are text, digit by digit:
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
  // Most YAML is seen at once not to be JSON.
  if (!/^\s*["[{\d-]|^\s*(true|false|null)\s*$/.test(text)) return undefined;
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return undefined;
  }
}
