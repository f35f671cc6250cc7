// Extras: what is there, is not listed, and stays. Log, summary and comment name it. Pure.

import type { Source } from '../inputs/settings.ts';
import type { Problem } from '../share/desired.ts';
import type { Names } from '../share/names.ts';
import type { ShareOutcome } from '../share/outcome.ts';
import { count, firstFew, quoted } from '../share/words.ts';
import { nameOfShare } from './outcome-words.ts';
import { extraLines } from './plan-lines.ts';
import { sharesWords } from './problems.ts';

/** One thing that is not listed, and of which shares; or shares that are not listed themselves. */
export interface Extra {
  words: string;
  shares: readonly string[];
  unlisted: boolean;
}

/** Groups extras: the same recipient of many shares is one of them. */
export function extrasOf(outcomes: readonly ShareOutcome[], names: Names): Extra[] {
  const extras = new Map<string, { words: string; shares: string[]; unlisted: boolean }>();
  for (const outcome of outcomes) {
    const { plan } = outcome;
    if (!plan) continue;
    const share = nameOfShare(outcome);
    if (plan.unlisted)
      extras.set(`share ${plan.share_id}`, { words: `${plan.share_id}`, shares: [share], unlisted: true });
    for (const words of extraLines(plan, names)) {
      const known = extras.get(words);
      if (known) known.shares.push(share);
      else extras.set(words, { words, shares: [share], unlisted: false });
    }
  }
  return [...extras.values()];
}

/** How the parts of a line are written: as they are, or as Markdown. */
interface Writing {
  name: (name: string) => string;
  id: (id: string) => string;
  words: (words: string) => string;
}

const PLAIN: Writing = { name: quoted, id: (id) => id, words: (words) => words };

/** An extra in one line. */
export const extraWords = ({ words, shares, unlisted }: Extra, writing = PLAIN): string =>
  unlisted
    ? `share ${sharesWords(shares, writing.name)} (${writing.id(words)})`
    : `${writing.words(words)} of ${shares.length === 1 ? 'share' : 'shares'} ${sharesWords(shares, writing.name)}`;

/** The notice names so many. */
export const EXTRAS_NAMED = 5;

const where = (source: Source): string =>
  source.kind === 'config' ? 'the file does not list' : 'the inputs do not list';

/** `2 recipients and 1 share that the file does not list` */
export function extraCounts(extras: readonly Extra[], source: Source): string {
  const of = (noun: string): number =>
    extras.reduce(
      (sum, { words, shares, unlisted }) => sum + (!unlisted && words.startsWith(noun) ? shares.length : 0),
      0,
    );
  const counts = [
    [extras.filter(({ unlisted }) => unlisted).length, 'share'],
    [of('recipient'), 'recipient'],
    [of('resource'), 'resource'],
    [of('exclusion'), 'exclusion'],
  ] as const;
  const words = counts.filter(([n]) => n > 0).map(([n, noun]) => count(n, noun));
  return `${words.join(', ').replace(/, ([^,]*)$/, ' and $1')} that ${where(source)}`;
}

/** The one notice of a run. Undefined when all is listed. */
export function extrasNotice(extras: readonly Extra[], source: Source): Problem | undefined {
  if (extras.length === 0) return undefined;
  return {
    message: `Left as it is: ${extraCounts(extras, source)}: ${firstFew(
      extras.map((extra) => extraWords(extra)),
      EXTRAS_NAMED,
    )}. To remove what is not listed, set prune: true`,
    ...(source.kind === 'config' ? { place: { label: '', file: source.file } } : {}),
  };
}
