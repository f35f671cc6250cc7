// Who gains and who loses what, in Markdown. Pure.

import {
  EFFECT_KINDS,
  type Effect,
  type EffectKind,
  effectsOfOutcome,
  type People,
  type Who,
} from '../share/effects.ts';
import { type Names, withName } from '../share/names.ts';
import { nameOfShare } from '../share/outcome.ts';
import type { ResourceItem } from '../share/share.ts';
import { count, firstFew, sharesWords } from '../share/words.ts';
import type { Report } from './contents.ts';
import { type Block, RANK } from './cut.ts';
import { code, prose } from './text.ts';

const VERB: Record<EffectKind, { mark: string; future: string; past: string }> = {
  lose: { mark: '🔴', future: 'Lose', past: 'Lost' },
  again: { mark: '🟠', future: 'Get again', past: 'Got again' },
  gain: { mark: '🟢', future: 'Gain', past: 'Gained' },
  change: { mark: '🟡', future: 'See a change to', past: 'Saw a change to' },
};
export const EFFECTS_OF_COMMENT = 10;
export const EFFECTS_OF_SUMMARY = 40;
const PEOPLE_NAMED = 6;
const RESOURCES_NAMED = 3;

/** Who gains and who loses what, one line each. */
export function effectLines(report: Report, linesMax: number): Block[] {
  const effects = mergedEffects(report);
  const more = (n: number): string => `- … and ${count(n, 'more line')}: see each share`;
  const shown = effects.length > linesMax ? effects.slice(0, linesMax - 1) : effects;
  const hidden = effects.length - shown.length;
  return [
    {
      lines: [...shown.map((effect) => effectLine(effect, report)), ...(hidden > 0 ? [more(hidden)] : [])],
      more,
      rank: RANK.effects,
    },
  ];
}

interface MergedEffect {
  effect: Effect;
  shares: string[];
}

/**
 * Merges shares with the same effect on the same recipients into one line. Losses come first. Within each kind, effects
 * on a whole organization come first.
 */
function mergedEffects({ outcomes }: Report): MergedEffect[] {
  const merged = new Map<string, MergedEffect>();
  for (const outcome of outcomes) {
    for (const effect of effectsOfOutcome(outcome)) {
      const key = JSON.stringify(effect);
      const known = merged.get(key);
      if (known) known.shares.push(nameOfShare(outcome));
      else merged.set(key, { effect, shares: [nameOfShare(outcome)] });
    }
  }
  return [...merged.values()].sort(
    (a, b) =>
      EFFECT_KINDS.indexOf(a.effect.kind) - EFFECT_KINDS.indexOf(b.effect.kind) ||
      wideness(b.effect) - wideness(a.effect),
  );
}

function effectLine({ effect, shares }: MergedEffect, { mode, names }: Report): string {
  const { mark, ...verb } = VERB[effect.kind];
  const of = `share ${sharesWords(shares, code)}`;
  const what = effect.what === 'share' ? of : `${resourcesNamed(effect.what, names)} of ${of}`;
  const how = effect.kind === 'again' ? ' (from a new share)' : '';
  return `- ${mark} **${verb[mode === 'plan' ? 'future' : 'past']}** ${what}: ${whoMarkdown(effect.who, names)}${how}`;
}

const wideness = ({ who }: Effect): number => (who.kind === 'organization' ? 1 : 0);

/** The id is always shown, because a label alone could hide which account is meant. */
const named = (id: string, names: Names): string => withName(id, names, { name: prose, id: code });

function whoMarkdown(who: Who, names: Names): string {
  if (who.kind === 'accounts') {
    return firstFew(
      who.ids.map((id) => named(id, names)),
      PEOPLE_NAMED,
      ', ',
    );
  }
  if (who.kind === 'recipients') return whoWords(who);
  return `⚠️ **${whoWords(who)}**${who.id === undefined ? '' : `: ${named(who.id, names)}`}`;
}

const resourcesNamed = (
  resources: readonly Pick<ResourceItem, 'resource_type' | 'resource_id'>[],
  names: Names,
): string =>
  firstFew(
    resources.map(({ resource_type, resource_id }) => `${code(resource_type)} ${named(resource_id, names)}`),
    RESOURCES_NAMED,
    ', ',
  );

type Tense = 'future' | 'past';

/** `2 recipients gain something, 1 loses something`; empty if nobody does. */
export function peopleWords({ gain, lose, more }: People, tense: Tense): string {
  const verb = { gain: ['gains', 'gain', 'gained'], lose: ['loses', 'lose', 'lost'] } as const;
  const verbFor = (kind: 'gain' | 'lose', many: boolean): string => verb[kind][tense === 'past' ? 2 : many ? 1 : 0];
  const of = (kind: 'gain' | 'lose', n: number): string[] =>
    n === 0 ? [] : [`${count(n, 'recipient')} ${verbFor(kind, n > 1)} something`];
  const rest = (kind: 'gain' | 'lose'): string[] =>
    more
      .filter((each) => each.kind === kind)
      .map(({ who }) => `${whoWords(who)} ${verbFor(kind, who.kind === 'recipients')} something`);
  return [...of('gain', gain.size), ...rest('gain'), ...of('lose', lose.size), ...rest('lose')].join(', ');
}

/** Words for recipients that aren't known individually. */
function whoWords(who: Exclude<Who, { kind: 'accounts' }>): string {
  if (who.kind === 'recipients') return 'its recipients';
  return `every account of the organization${who.but > 0 ? ` except ${who.but}` : ''}`;
}
