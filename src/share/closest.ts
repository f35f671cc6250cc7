// Suggests existing names for a name that doesn't exist.

/** Of longer texts, only this many characters are compared, so that comparing stays fast. */
const COMPARED_MAX = 60;

/** Up to `most` choices that are similar to the text, the most similar first. Case is ignored. */
export function closest(text: string, choices: Iterable<string>, most = 3): string[] {
  const wanted = comparable(text);
  const tolerance = Math.max(2, Math.floor(wanted.length / 3));
  return [...new Set(choices)]
    .map((choice) => ({ choice, distance: distanceTo(wanted, comparable(choice), tolerance) }))
    .filter(({ distance }) => distance <= tolerance)
    .sort((a, b) => a.distance - b.distance || (a.choice < b.choice ? -1 : 1))
    .slice(0, most)
    .map(({ choice }) => choice);
}

/** Asks whether one of the choices was meant, as the end of a message. */
export const didYouMean = (choices: readonly string[]): string =>
  choices.length === 0 ? '' : `. Did you mean ${choices.join(' or ')}?`;

const comparable = (text: string): string => text.normalize('NFC').toLowerCase().slice(0, COMPARED_MAX);

/** If one name is the beginning of the other, their distance is 1. */
function distanceTo(wanted: string, choice: string, tolerance: number): number {
  const [short, long] = wanted.length < choice.length ? [wanted, choice] : [choice, wanted];
  if (short.length >= 3 && long.startsWith(short)) return Math.min(1, long.length - short.length);
  // The edit distance is at least the difference in length, so there is no need to compute it.
  return long.length - short.length > tolerance ? Number.POSITIVE_INFINITY : editDistance(short, long);
}

/** How many characters must be added, removed or replaced to turn one text into the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  const { min } = Math;
  let row = Array.from({ length: a.length + 1 }, (_, i) => i);
  for (let j = 1; j <= b.length; j++) {
    let left = j;
    const next = [left];
    for (let i = 1; i <= a.length; i++) {
      const replaced = (row[i - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      left = min(left + 1, (row[i] as number) + 1, replaced);
      next.push(left);
    }
    row = next;
  }
  return row[a.length] as number;
}
