// Decodes the bytes of a file, and parses a text (JSON or YAML 1.2) as a JSON value that can be sent exactly as
// written. Anything else is rejected with its position. JSON is read without the YAML package, which is loaded only if
// needed.

import type { Json } from '../share/json.ts';
import { flawsInJson, positionsInJson } from './json-text.ts';
import { type Document, type Path, type Position, TOO_DEEP } from './position.ts';

/** Decodes the bytes of a file. Rejects invalid UTF-8, which would be sent as replacement characters. */
export function decodeUtf8(bytes: Uint8Array): { text: string } | { message: string; position: Position } {
  const start = { line: 1, column: 1 };
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { message: 'the file is UTF-16: save it as UTF-8', position: start };
  }
  // In UTF-16, every other byte of Latin text is zero; UTF-8 text has no zero bytes.
  if ((first === 0) !== (second === 0)) {
    return { message: 'the file looks like UTF-16 (it has NUL bytes): save it as UTF-8', position: start };
  }
  const text = new TextDecoder().decode(bytes); // drops the byte order mark
  const wrong = firstReplaced(bytes, text);
  if (wrong) {
    const { byte, before } = wrong;
    return {
      message: `the byte 0x${byte.toString(16).toUpperCase()} is not UTF-8: save the file as UTF-8`,
      position: endOf(before),
    };
  }
  const nul = text.indexOf('\0');
  if (nul !== -1)
    return {
      message: "the file contains a NUL byte, so it isn't text: save it as UTF-8",
      position: endOf(text.slice(0, nul)),
    };
  return { text };
}

/** The first replacement character of `text` that isn't one in `bytes`: the byte there, and the text before it. */
function firstReplaced(bytes: Uint8Array, text: string): { byte: number; before: string } | undefined {
  let offset = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let from = 0;
  for (let at = text.indexOf('\ufffd'); at !== -1; at = text.indexOf('\ufffd', from)) {
    offset += Buffer.byteLength(text.slice(from, at));
    const [a, b, c] = bytes.subarray(offset, offset + 3);
    if (a !== 0xef || b !== 0xbf || c !== 0xbd) return { byte: a ?? 0, before: text.slice(0, at) };
    offset += 3;
    from = at + 1;
  }
  return undefined;
}

const endOf = (text: string): Position => ({
  line: text.split('\n').length,
  column: text.length - text.lastIndexOf('\n'),
});

interface ReadOptions {
  /**
   * Is any JSON value allowed at this path? Elsewhere, YAML numbers are read as the text that was written, because
   * 11111111111111111111111111111111 is an id.
   */
  isFree: (path: Path) => boolean;
}

export async function readDocument(text: string, { isFree }: ReadOptions): Promise<Document> {
  const json = parseJson(text);
  if (json) {
    const flaws = flawsInJson(text, isFree);
    return {
      value: flaws && json.value,
      flaws: flaws ?? [{ path: [], message: TOO_DEEP }],
      positionOf: positionsInJson(text),
    };
  }
  const { readYaml } = await import('./yaml.ts');
  return readYaml(text, isFree);
}

function parseJson(text: string): { value: Json } | undefined {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return undefined;
  }
}
