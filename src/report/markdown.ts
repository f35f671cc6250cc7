// The report in Markdown, for the job summary and for the comment on the pull request: one rendering, two sizes. Pure.

import { type Names, nameOf, withName } from '../share/names.ts';
import type { ShareOutcome } from '../share/outcome.ts';
import { changesAnything, hasDrift, type SharePlan } from '../share/plan.ts';
import { planWords } from '../share/plan-words.ts';
import { liveRecipients, type ResourceItem } from '../share/share.ts';
import { count, firstFew, shortened } from '../share/words.ts';
import { countsWords, outcomeCounts, planCounts } from './counts.ts';
import { type Block, cutToFit, type Frame, RANK } from './cut.ts';
import {
  type Effect,
  type EffectKind,
  effectsOfOutcome,
  peopleOf,
  peopleWords,
  type Who,
  whoWords,
} from './effects.ts';
import { type Extra, extraCounts, extrasOf } from './extras.ts';
import { shortId, withNamesIn } from './names.ts';
import {
  allAssociated,
  associationWords,
  driftIn,
  failureIn,
  KEPT,
  nameOfShare,
  type Standing,
  sentence,
  standingOf,
} from './outcome.ts';
import { changeLines } from './plan-lines.ts';
import { type Found, failuresOf } from './problems.ts';
import { diagram, recipientsTable } from './recipients.ts';
import { code, fenceOf, prose } from './text.ts';
import type { Report } from './value.ts';

export interface Size {
  /** The report is cut before it has more bytes than this (in UTF-8: no character counts less than GitHub counts it). */
  bytesMax: number;
  /** Recipients, diagrams and ids of shares: for the summary. */
  details: boolean;
}

const MESSAGE_CHARACTERS_MAX = 1_500;
const STEPS_SHOWN = 20;
const DIAGRAMS_MAX = 5;
const SECTIONS_OPEN_MAX = 5;

export function renderReport(report: Report, { bytesMax, details }: Size): string {
  const { outcomes, run } = report;
  const many = isOfMany(report);
  const blocks: (Block | Frame)[] = [
    { lines: [title(report)], rank: RANK.title },
    { lines: [headline(report)], rank: RANK.title },
    ...problems(report),
    ...effectLines(report, details ? EFFECTS_OF_SUMMARY : EFFECTS_OF_COMMENT),
    ...extras(report),
    ...(many ? sharesTable(report, details) : []),
    ...[...outcomes].sort((a, b) => weight(b) - weight(a)).flatMap((outcome) => section(outcome, report, details)),
  ];
  const where = run.url === undefined ? "the step's log" : `[the run](${encodeURI(run.url)})`;
  return cutToFit(blocks, footer(report), bytesMax, where);
}

const isOfMany = ({ source, outcomes }: Report): boolean => source.kind === 'config' || outcomes.length > 1;

/** What needs eyes comes first. */
const weight = (outcome: ShareOutcome): number =>
  failureIn(outcome) ? 2 : outcome.plan && changesAnything(outcome.plan) ? 1 : 0;

/** A run of which nothing is known but what went wrong. */
const hasNothingToShow = ({ outcomes }: Report): boolean =>
  outcomes.every(({ plan, outcome }) => !plan && outcome === undefined);

function title(report: Report): string {
  const { mode, source, outcomes, share } = report;
  const [only] = outcomes;
  const name = (only && nameOfShare(only)) || share?.name || share?.shareId;
  const what = source.kind === 'config' ? code(source.file) : name ? `share ${code(name)}` : 'a share';
  if (mode === 'plan') return `### ${hasNothingToShow(report) ? 'No plan' : 'Plan'} for ${what}`;
  if (mode === 'delete') return `### Deletion of ${source.kind === 'config' ? `the shares of ${what}` : what}`;
  if (mode === 'export') return `### Export to ${what}`;
  return source.kind === 'config' ? `### Shares of ${what}` : `### ${what.charAt(0).toUpperCase()}${what.slice(1)}`;
}

/** What changes for people, in one line: shares, then recipients, then what cannot be done. */
function headline(report: Report): string {
  const { mode, outcomes, source, names, inputProblems = [] } = report;
  const nothing = mode === 'plan' ? ' Nothing was changed.' : '';
  const older = mode === 'plan' ? ' A plan that was shown here before does not hold any more.' : '';
  if (inputProblems.length > 0) {
    const where = source.kind === 'config' ? 'the file or the inputs' : 'the inputs';
    return `**${count(inputProblems.length, 'problem')} with ${where}.** Nothing was sent to Cloudflare, nothing was changed.${older}`;
  }
  const [only] = outcomes;
  if (!only) return '**No shares.** Nothing was done.';
  if (mode === 'plan' && hasNothingToShow(report))
    return `**Planning failed${outcomes.length > 1 ? ` for all ${outcomes.length} shares` : ''}.** Nothing was changed.${older}`;
  const people = peopleWords(peopleOf(outcomes.flatMap(effectsOfOutcome)), mode === 'plan' ? 'future' : 'past');
  const drift = outcomes.some(driftIn) ? 'Drift: ' : '';
  const tail = people === '' ? '' : `; ${people}`;
  if (isOfMany(report)) {
    const extra = extrasOf(outcomes, names);
    const more = drift !== '' && extra.length > 0 ? extraCounts(extra, source) : '';
    const calm = more !== '' && !outcomes.some(({ plan }) => plan && changesAnything(plan));
    const counted = calm ? more : `${sharesCounted(report)}${tail}${more === '' ? '' : `; ${more}`}`;
    return `**${drift}${counted}${failedWords(report)}.**${nothing}`;
  }
  const failed = failureIn(only);
  const words = mode === 'plan' && !failed && only.plan ? onePlan(only, report) : prose(sentence(only, source, names));
  const association = failed || mode === 'plan' ? '' : associationWords(only);
  return `**${drift}${words}${tail}.**${association === '' ? '' : ` ${prose(association)}.`}${nothing}`;
}

/** A plan's one share: what becomes of it. */
function onePlan(outcome: ShareOutcome, { source, names }: Report): string {
  const { action } = outcome.plan as SharePlan;
  const extra = extrasOf([outcome], names);
  const more = extra.length === 0 ? '' : extraCounts(extra, source);
  if (action !== 'none') return `1 share to ${action}${driftIn(outcome) && more !== '' ? `, ${more}` : ''}`;
  if (more !== '') return driftIn(outcome) ? more : `No change: what is listed is there, and ${more}`;
  if (outcome.kept) return `No change: the share is ${prose(KEPT)}`;
  return outcome.desired.state === 'absent'
    ? 'The share is gone already: there is nothing to delete'
    : 'No change: the share is as written';
}

function sharesCounted({ mode, outcomes }: Report): string {
  // What is not in the file is said beside it.
  const listed = outcomes.filter(({ plan }) => !plan?.unlisted);
  const counts = mode === 'plan' ? planCounts(listed) : outcomeCounts(listed);
  const [first, ...rest] = counts;
  if (!first) return 'No share was finished';
  return [`${count(first[0], 'share')} ${first[1]}`, ...(rest.length > 0 ? [countsWords(rest)] : [])].join(', ');
}

function failedWords({ outcomes }: Report): string {
  const of = (standing: Standing): number => outcomes.filter((outcome) => standingOf(outcome) === standing).length;
  const counts = [
    [of('refused'), 'cannot be done'],
    [of('failed'), 'failed'],
    [of('not done'), 'not reached'],
  ] as const;
  return counts
    .filter(([n]) => n > 0)
    .map(([n, words]) => `; ${n} ${words}`)
    .join('');
}

function problems(report: Report): Block[] {
  const found = failuresOf(report);
  if (found.length === 0) return [];
  return [
    {
      head: [
        '> [!CAUTION]',
        `> **${found.every(({ problem }) => problem.kind === 'refusal') ? 'What cannot be done' : 'What went wrong'}**`,
      ],
      lines: found.map((each) => `> - ${problemLine(each, report)}`),
      more: (n) => `> - … and ${count(n, 'more problem')}`,
      rank: RANK.problems,
    },
  ];
}

function problemLine({ problem: { message, place }, shares }: Found, report: Report): string {
  const of = isOfMany(report) && shares.length > 0 ? `${sharesNamed(shares)}: ` : '';
  const at = place?.file === undefined || place.line === undefined ? '' : `${code(`${place.file}:${place.line}`)} `;
  // Where the share's name stands is said by the line.
  const label = !place?.label || (at !== '' && /\bname$/.test(place.label)) ? '' : `${code(place.label)}: `;
  return `${at}${of}${label}${prose(shortened(message, MESSAGE_CHARACTERS_MAX))}`;
}

const SHARES_NAMED = 3;

const sharesNamed = (shares: readonly string[]): string =>
  `${shares.slice(0, SHARES_NAMED).map(code).join(', ')}${shares.length > SHARES_NAMED ? ` and ${count(shares.length - SHARES_NAMED, 'other')}` : ''}`;

const VERB: Record<EffectKind, { mark: string; future: string; past: string }> = {
  lose: { mark: '🔴', future: 'Lose', past: 'Lost' },
  anew: { mark: '🟠', future: 'Get anew', past: 'Got anew' },
  gain: { mark: '🟢', future: 'Gain', past: 'Gained' },
  change: { mark: '🟡', future: 'See a change of', past: 'See a change of' },
};
const EFFECT_ORDER = Object.keys(VERB) as EffectKind[];
const EFFECTS_OF_COMMENT = 10;
const EFFECTS_OF_SUMMARY = 40;
const PEOPLE_NAMED = 6;
const RESOURCES_NAMED = 3;

/** Who gains and who loses what, a line each; shares of the same people stand in one. */
function effectLines({ outcomes, mode, names }: Report, linesMax: number): Block[] {
  const lines = new Map<string, { effect: Effect; shares: string[] }>();
  for (const outcome of outcomes) {
    for (const effect of effectsOfOutcome(outcome)) {
      const key = JSON.stringify(effect);
      const known = lines.get(key);
      if (known) known.shares.push(nameOfShare(outcome));
      else lines.set(key, { effect, shares: [nameOfShare(outcome)] });
    }
  }
  if (lines.size === 0) return [];
  const tense = mode === 'plan' ? 'future' : 'past';
  const sorted = [...lines.values()].sort(
    (a, b) =>
      EFFECT_ORDER.indexOf(a.effect.kind) - EFFECT_ORDER.indexOf(b.effect.kind) ||
      wideness(b.effect) - wideness(a.effect),
  );
  const more = (n: number): string => `- … and ${count(n, 'line')} more: see each share`;
  const shown = sorted.length > linesMax ? sorted.slice(0, linesMax - 1) : sorted;
  return [
    {
      lines: [
        ...shown.map(({ effect, shares }) => {
          const { mark, ...verb } = VERB[effect.kind];
          const of = `share ${sharesNamed(shares)}`;
          const what = effect.what === 'share' ? of : `${resourcesNamed(effect.what, names)} of ${of}`;
          const how = effect.kind === 'anew' ? ' (a new share takes its place)' : '';
          return `- ${mark} **${verb[tense]}** ${what}: ${whoMarkdown(effect.who, names)}${how}`;
        }),
        ...(sorted.length > shown.length ? [more(sorted.length - shown.length)] : []),
      ],
      more,
      rank: RANK.effects,
    },
  ];
}

const wideness = ({ who }: Effect): number => (who.kind === 'organization' ? 1 : 0);

/** A name where there is one; the beginning of an id otherwise: the whole of it stands below. */
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

function extras({ outcomes, source, names }: Report): Block[] {
  const found = extrasOf(outcomes, names);
  if (found.length === 0) return [];
  const line = ({ words, shares, unlisted }: Extra): string =>
    unlisted
      ? `- share ${sharesNamed(shares)} (${code(words)})`
      : `- ${prose(words)} of ${shares.length === 1 ? 'share' : 'shares'} ${sharesNamed(shares)}`;
  return [
    {
      head: ['> [!NOTE]', `> **Left as it is: ${extraCounts(found, source)}.** \`prune: true\` removes it.`],
      lines: found.map((extra) => `> ${line(extra)}`),
      more: (n) => `> - … and ${n} more`,
      rank: RANK.extras,
    },
  ];
}

const STANDING: Record<Standing, string> = {
  create: '🟢 create',
  update: '🟡 update',
  replace: '🟠 replace',
  delete: '🔴 delete',
  none: '⚪ no change',
  unlisted: '⚪ not in the file',
  refused: '⛔ cannot be done',
  failed: '❌ failed',
  'not done': '❌ not done',
  created: '🟢 created',
  updated: '🟡 updated',
  replaced: '🟠 replaced',
  deleted: '🔴 deleted',
  unchanged: '⚪ unchanged',
  planned: '⚪ no change',
};

/** What is as written is one line in all. Ids come last: a phone shows what changes. */
function sharesTable({ outcomes, mode }: Report, details: boolean): Block[] {
  const calm = (outcome: ShareOutcome): boolean =>
    ['none', 'unlisted', 'unchanged', 'planned'].includes(standingOf(outcome));
  // Nothing is known of it but what went wrong, and that is said above.
  const bare = ({ plan, outcome }: ShareOutcome): boolean => !plan && outcome === undefined;
  const rows = [...outcomes]
    .filter((outcome) => !calm(outcome) && !bare(outcome))
    .sort((a, b) => weight(b) - weight(a))
    .map((outcome) => {
      const id = outcome.share?.id ?? outcome.plan?.share_id;
      const cells = [
        STANDING[standingOf(outcome)],
        code(nameOfShare(outcome)),
        mode === 'plan' || failureIn(outcome)
          ? plannedWords(outcome)
          : associationWords(outcome) || plannedWords(outcome),
        ...(details ? [id ? code(id) : ''] : []),
      ];
      return `| ${cells.join(' | ')} |`;
    });
  const alike = outcomes.filter((each) => calm(each) && !(each.plan && hasDrift(each.plan))).map(nameOfShare);
  const failed = outcomes.filter(bare).map(nameOfShare);
  const asWritten = outcomes.some(({ kept }) => kept) ? 'as written, or kept as they are' : 'as written';
  const cells = details ? ['', 'share', 'what', 'id'] : ['', 'share', 'what'];
  return [
    ...(rows.length > 0
      ? [
          {
            head: [
              `| ${[mode === 'plan' ? 'change' : 'outcome', ...cells.slice(1)].join(' | ')} |`,
              `|${' --- |'.repeat(cells.length)}`,
            ],
            lines: rows,
            more: (n: number) => `| … | and ${count(n, 'more share')} |${' |'.repeat(cells.length - 2)}`,
            rank: RANK.shares,
          },
        ]
      : []),
    ...(failed.length > 0
      ? [
          {
            lines: [
              `❌ ${count(failed.length, 'share')} failed: ${firstFew(failed.map(code), SHARES_OF_A_LINE, ', ')}`,
            ],
            rank: RANK.shares,
          },
        ]
      : []),
    ...(alike.length > 0
      ? [
          {
            lines: [
              `⚪ ${count(alike.length, 'share')} ${asWritten}: ${firstFew(alike.map(code), SHARES_OF_A_LINE, ', ')}`,
            ],
            rank: RANK.rest,
          },
        ]
      : []),
  ];
}

const SHARES_OF_A_LINE = 10;

const withoutExtras = (plan: SharePlan): SharePlan => ({
  ...plan,
  recipients: { ...plan.recipients, extra: [] },
  resources: { ...plan.resources, extra: [] },
  ...(plan.exclusions ? { exclusions: { ...plan.exclusions, extra: [] } } : {}),
});

function plannedWords({ plan, recipients }: ShareOutcome): string {
  if (!plan || !changesAnything(plan)) return '';
  if (plan.action === 'delete' && recipients)
    return `${count(liveRecipients(recipients).length, 'recipient')} to lose it`;
  return prose(planWords(withoutExtras(plan)).replace(/^to (create|replace|delete)(, )?/, ''));
}

function section(outcome: ShareOutcome, report: Report, details: boolean): (Block | Frame)[] {
  const blocks = [
    ...stepsOf(outcome, report),
    ...changesOf(outcome, report),
    ...(details ? recipientsOf(outcome, report) : []),
  ];
  const [first] = blocks;
  if (!isOfMany(report) || !first) return blocks;
  const differing = report.outcomes.filter((each) => weight(each) > 0).length;
  const open = differing <= SECTIONS_OPEN_MAX ? ' open' : '';
  const what = standingOf(outcome) === 'refused' ? ': what would be needed' : '';
  const summary = `<details${open}><summary>${code(nameOfShare(outcome))}${what}</summary>`;
  return [{ open: summary, blocks, close: '</details>', rank: first.rank }];
}

/** What a failed share's run did, and what it did not. */
function stepsOf(outcome: ShareOutcome, { names, mode }: Report): Block[] {
  const { done, notDone, notKnown } = outcome.steps;
  if (mode === 'plan' || !failureIn(outcome) || done.length + notDone.length + notKnown.length === 0) return [];
  const list = (words: string, steps: readonly string[]): string[] =>
    steps.length > 0
      ? [
          `- ${words}: ${firstFew(
            steps.map((step) => prose(withNamesIn(step, names, nameOfShare(outcome)))),
            STEPS_SHOWN,
          )}`,
        ]
      : [];
  return [
    {
      lines: [
        ...list('✅ **Done**', done),
        ...list('❌ **Not done**', notDone),
        ...list('❔ **Not known** (look before you repeat it)', notKnown),
      ],
      rank: RANK.steps,
    },
  ];
}

/** The plan as a diff; not of a share that failed, whose steps say the same. */
function changesOf(outcome: ShareOutcome, { names, mode }: Report): Block[] {
  const { plan } = outcome;
  if (!plan || (failureIn(outcome) && mode !== 'plan')) return [];
  const changes = changeLines(plan, names);
  if (changes.length === 0) return [];
  const { lines, fence } = fenceOf(changes);
  return [
    {
      head: [`${fence}diff`],
      lines,
      foot: [fence],
      more: (n) => `    … and ${count(n, 'line')} more`,
      rank: RANK.changes,
    },
  ];
}

/** Recipients, where there is more to say of them than the plan says. */
function recipientsOf(outcome: ShareOutcome, report: Report): Block[] {
  if (isOfMany(report) && weight(outcome) === 0) return [];
  const words = associationWords(outcome);
  const said = isOfMany(report) || report.mode === 'plan';
  const calm = (report.mode === 'plan' || standingOf(outcome) === 'refused') && allAssociated(outcome.recipients ?? []);
  return [
    ...(said && words !== '' ? [{ lines: [`${prose(words)}.`], rank: RANK.recipients }] : []),
    ...(calm ? [] : recipientsTable(outcome, report.names)),
    ...(report.outcomes.length <= DIAGRAMS_MAX ? diagram(outcome, report.names) : []),
  ];
}

function footer({ run, accountId, names }: Report): string {
  const account = accountId === '' ? '' : `Account ${prose(withName(accountId, names))}`;
  const link = run.url === undefined ? '' : `[Run ${prose(run.id ?? '')}](${encodeURI(run.url)})`;
  const of = run.sha === undefined ? '' : `commit ${code(run.sha.slice(0, 12))}`;
  const by = run.actor === undefined ? '' : `by ${code(run.actor)}`;
  const text = [account, [link, of, by].filter((part) => part !== '').join(' ')]
    .filter((part) => part !== '')
    .join(' · ');
  return text === '' ? '' : `<sub>${text}</sub>`;
}
