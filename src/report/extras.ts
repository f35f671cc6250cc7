// Extras are unlisted items that stay. Log, summary and comment name them. Pure.

import type { Source } from '../settings.ts';
import { type Names, withNames } from '../share/names.ts';
import { nameOfShare, type ShareOutcome } from '../share/outcome.ts';
import { ITEM_KINDS, type ItemKind, itemsOf, itemWords } from '../share/plan.ts';
import type { Problem } from '../share/problem.ts';
import { count, firstFew, inOneList, quoted, sharesWords } from '../share/words.ts';

/** An unlisted item, and the shares that have it; or a share that is itself unlisted. */
interface Extra {
  kind: ItemKind | 'share';
  words: string;
  shares: string[];
}

/** Groups extras: the same recipient in many shares is one extra. */
export function extrasOf(outcomes: readonly ShareOutcome[], names: Names): Extra[] {
  const extras = new Map<string, Extra>();
  for (const outcome of outcomes) {
    const { plan } = outcome;
    if (!plan) continue;
    const share = nameOfShare(outcome);
    const seen = new Set<string>(); // a share can have a resource twice
    const add = (kind: Extra['kind'], words: string): void => {
      const key = `${kind} ${words}`;
      const known = extras.get(key);
      if (!known) extras.set(key, { kind, words, shares: [share] });
      else if (!seen.has(key)) known.shares.push(share);
      seen.add(key);
    };
    if (plan.unlisted) add('share', `${plan.share_id}`);
    for (const item of itemsOf(plan)) if (item.op === 'extra') add(item.kind, withNames(itemWords(item), names));
  }
  return [...extras.values()];
}

/** How the parts of a line are written: plain, or as Markdown. */
interface Writing {
  name: (name: string) => string;
  id: (id: string) => string;
  words: (words: string) => string;
}

const PLAIN: Writing = { name: quoted, id: (id) => id, words: (words) => words };

/** An extra in one line. */
export const extraWords = ({ kind, words, shares }: Extra, writing = PLAIN): string =>
  kind === 'share'
    ? `share ${sharesWords(shares, writing.name)} (${writing.id(words)})`
    : `${writing.words(words)} of ${shares.length === 1 ? 'share' : 'shares'} ${sharesWords(shares, writing.name)}`;

/** `2 recipients and 1 share that the file does not list` */
export function extraCounts(extras: readonly Extra[], source: Source): string {
  const number = new Map<Extra['kind'], number>();
  for (const { kind, shares } of extras) number.set(kind, (number.get(kind) ?? 0) + shares.length);
  const words = (['share', ...ITEM_KINDS] as const).flatMap((kind) => {
    const n = number.get(kind) ?? 0;
    return n > 0 ? [count(n, kind)] : [];
  });
  const where = source.kind === 'config' ? 'the file does not list' : 'the inputs do not list';
  return `${inOneList(words)} that ${where}`;
}

/** The notice names only the first few, because GitHub shows it in a small box. */
const EXTRAS_NAMED = 5;
const EXTRAS_SHOWN = 20;

/** The run's only notice about extras. Undefined if everything is listed. */
export function extrasNotice(extras: readonly Extra[], source: Source): Problem | undefined {
  if (extras.length === 0) return undefined;
  const named = firstFew(
    extras.map((extra) => extraWords(extra)),
    EXTRAS_NAMED,
  );
  return {
    message: `Not listed, left unchanged: ${extraCounts(extras, source)}: ${named}. To remove them, set prune: true`,
    ...(source.kind === 'config' ? { place: { label: '', file: source.file } } : {}),
  };
}

/** The lines of the log that name the extras. They are outside of groups, because groups are collapsed. */
export function extrasLines(extras: readonly Extra[]): string[] {
  if (extras.length === 0) return [];
  const lines = extras.slice(0, EXTRAS_SHOWN).map((extra) => `  ${extraWords(extra)}`);
  const more = extras.length - lines.length;
  return ['Not listed, left unchanged:', ...lines, ...(more > 0 ? [`  and ${more} more, see the summary`] : [])];
}
