// Shortens a report that is too long, line by line, starting with the least important part. Pure.

import { count } from '../share/words.ts';

/** A part of the report. Its `lines` are cut from the end. Without lines, `head` and `foot` are dropped, too. */
export interface Block {
  head?: readonly string[];
  lines: readonly string[];
  foot?: readonly string[];
  /** The part with the lowest rank is cut first. Of parts with equal ranks, the last one is cut first. */
  rank: number;
  /** The line that replaces `n` lines that were cut. */
  more?: (n: number) => string;
}

/**
 * Blocks that collapse together. They are cut from the end. If no lines are left, `open` and `close` are dropped, too.
 */
export interface Frame {
  open: string;
  blocks: readonly Block[];
  close: string;
  rank: number;
}

/** Lower ranks are cut first. */
export const RANK = {
  title: 9,
  problems: 8,
  effects: 7,
  extras: 6,
  shares: 5,
  steps: 4,
  changes: 3,
  recipients: 2,
  rest: 1,
} as const;

const lengthOf = (part: Block | Frame): number =>
  'blocks' in part ? part.blocks.reduce((sum, { lines }) => sum + lines.length, 0) : part.lines.length;

/** Renders the first `shown` lines of a part, with what surrounds them. */
function render(part: Block | Frame, shown: number): string {
  if (shown === 0) return '';
  if ('blocks' in part) {
    let left = shown;
    const inside = part.blocks.map((block) => {
      const n = Math.min(left, block.lines.length);
      left -= n;
      return render(block, n);
    });
    return [part.open, ...inside.filter((text) => text !== ''), part.close].join('\n\n');
  }
  const { head = [], lines, foot = [], more } = part;
  const rest = lines.length - shown;
  return [...head, ...lines.slice(0, shown), ...(rest > 0 && more ? [more(rest)] : []), ...foot].join('\n');
}

/**
 * Renders the parts, cut to the maximum length.
 * @param bytesMax in UTF-8 bytes. GitHub counts characters, which are never more than bytes
 * @param where says where the full text is
 */
export function cutToFit(parts: readonly (Block | Frame)[], end: string, bytesMax: number, where: string): string {
  const note = (n: number): string =>
    `_${count(n, 'line')} left out, because the report is too long. The full text is in ${where}._`;
  const pieces = parts.map((part) => ({ part, shown: lengthOf(part), size: sizeOf(render(part, lengthOf(part))) }));
  const room = bytesMax - sizeOf(end) - sizeOf(note(1e9));
  let size = pieces.reduce((sum, piece) => sum + piece.size, 0);
  // The sort is stable, so reversing first puts the last of equal parts first.
  for (const piece of [...pieces].reverse().sort((a, b) => a.part.rank - b.part.rank)) {
    if (size <= room) break;
    size -= piece.size;
    // If part of this piece fits, nothing else has to be cut.
    piece.shown = mostThatFit(piece.part, room - size);
  }
  const left = pieces.reduce((sum, { part, shown }) => sum + lengthOf(part) - shown, 0);
  const texts = pieces.map(({ part, shown }) => render(part, shown)).filter((text) => text !== '');
  return `${[...texts, ...(left > 0 ? [note(left)] : []), ...(end === '' ? [] : [end])].join('\n\n')}\n`;
}

const BETWEEN = 2;
const sizeOf = (text: string): number => (text === '' ? 0 : Buffer.byteLength(text) + BETWEEN);

/** How many lines fit. More lines never need less room, so a binary search works. */
function mostThatFit(part: Block | Frame, room: number): number {
  let [low, high] = [0, lengthOf(part)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (sizeOf(render(part, middle)) <= room) low = middle;
    else high = middle - 1;
  }
  return low;
}
