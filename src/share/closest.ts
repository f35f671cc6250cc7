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

/** If one name is the beginning of the other, their distance is 1. If the wanted one is short for the other, it is 2. */
function distanceTo(wanted: string, choice: string, tolerance: number): number {
  const [short, long] = wanted.length < choice.length ? [wanted, choice] : [choice, wanted];
  if (short.length >= 3 && long.startsWith(short)) return Math.min(1, long.length - short.length);
  if (wanted.length >= 3 && isShortFor(wanted, choice)) return 2;
  // The edit distance is at least the difference in length, so there is no need to compute it.
  return long.length - short.length > tolerance ? Number.POSITIVE_INFINITY : editDistance(short, long);
}

const wordsOf = (text: string): string[] => text.split(/[\s_-]+/);

/** Whether each word begins a word of the choice, in the same order, as in `org_id` and `organization_id`. */
function isShortFor(wanted: string, choice: string): boolean {
  const words = wordsOf(choice);
  return wordsOf(wanted).every((word) => {
    const found = words.findIndex((each) => each.startsWith(word));
    words.splice(0, found + 1);
    return found >= 0;
  });
}

/** How many characters must be added, removed or replaced to turn one text into the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  const { min } = Math;
  // The distances between each beginning of `a` and the beginning of `b` up to the current character.
  const row = Array.from({ length: a.length }, (_, i) => i + 1);
  let last = a.length;
  for (let j = 0; j < b.length; j++) {
    let diagonal = j;
    last = j + 1;
    row.forEach((above, i) => {
      last = min(last + 1, above + 1, diagonal + (a[i] === b[j] ? 0 : 1));
      diagonal = above;
      row[i] = last;
    });
  }
  return last;
}
