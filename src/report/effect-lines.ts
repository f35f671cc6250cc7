// Who gains and who loses what, in Markdown. Pure.

import { type Names, nameOf } from '../share/names.ts';
import type { ResourceItem } from '../share/share.ts';
import { count, firstFew } from '../share/words.ts';
import type { Report } from './contents.ts';
import { type Block, RANK } from './cut.ts';
import { type Effect, type EffectKind, effectsOfOutcome, type Who, whoWords } from './effects.ts';
import { shortId } from './names.ts';
import { nameOfShare } from './outcome-words.ts';
import { sharesWords } from './problems.ts';
import { code, prose } from './text.ts';

const VERB: Record<EffectKind, { mark: string; future: string; past: string }> = {
  lose: { mark: '🔴', future: 'Lose', past: 'Lost' },
  anew: { mark: '🟠', future: 'Get anew', past: 'Got anew' },
  gain: { mark: '🟢', future: 'Gain', past: 'Gained' },
  change: { mark: '🟡', future: 'See a change of', past: 'See a change of' },
};
const EFFECT_ORDER = Object.keys(VERB) as EffectKind[];
export const EFFECTS_OF_COMMENT = 10;
export const EFFECTS_OF_SUMMARY = 40;
const PEOPLE_NAMED = 6;
const RESOURCES_NAMED = 3;

/** Who gains and who loses what, one line each. */
export function effectLines(report: Report, linesMax: number): Block[] {
  const effects = mergedEffects(report);
  if (effects.length === 0) return [];
  const more = (n: number): string => `- … and ${count(n, 'line')} more: see each share`;
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

/** Shares with the same effect on the same recipients are one line. Losses come first, and the widest of a kind. */
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
      EFFECT_ORDER.indexOf(a.effect.kind) - EFFECT_ORDER.indexOf(b.effect.kind) ||
      wideness(b.effect) - wideness(a.effect),
  );
}

function effectLine({ effect, shares }: MergedEffect, { mode, names }: Report): string {
  const { mark, ...verb } = VERB[effect.kind];
  const of = `share ${sharesWords(shares, code)}`;
  const what = effect.what === 'share' ? of : `${resourcesNamed(effect.what, names)} of ${of}`;
  const how = effect.kind === 'anew' ? ' (a new share takes its place)' : '';
  return `- ${mark} **${verb[mode === 'plan' ? 'future' : 'past']}** ${what}: ${whoMarkdown(effect.who, names)}${how}`;
}

const wideness = ({ who }: Effect): number => (who.kind === 'organization' ? 1 : 0);

/** The name, or the beginning of the id. The whole id stands further down. */
const personMarkdown = (id: string, names: Names): string => {
  const name = nameOf(id, names);
  return name === undefined ? code(shortId(id)) : prose(name);
};

function whoMarkdown(who: Who, names: Names): string {
  if (who.kind !== 'accounts') {
    const id = who.kind === 'organization' ? who.id : undefined;
    const organization = id === undefined ? '' : ` (${personMarkdown(id, names)})`;
    return who.kind === 'organization' ? `⚠️ **${whoWords(who)}**${organization}` : whoWords(who);
  }
  return firstFew(
    who.ids.map((id) => personMarkdown(id, names)),
    PEOPLE_NAMED,
    ', ',
  );
}

const resourcesNamed = (
  resources: readonly Pick<ResourceItem, 'resource_type' | 'resource_id'>[],
  names: Names,
): string =>
  firstFew(
    resources.map(({ resource_type, resource_id }) => `${code(resource_type)} ${personMarkdown(resource_id, names)}`),
    RESOURCES_NAMED,
    ', ',
  );
