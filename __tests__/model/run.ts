// One run of the action, as far as promise 1 goes: a state machine over the real election. docs/RERUNNING.md has the steps.

import { elect } from '../../src/share/election.ts';
import type { Conclusion, Elect, World } from './world.ts';

/** The rule that the runs follow. Each field can be broken, to see the model find it. */
export interface Rule {
  elect: Elect;
  /** After an answered create, look before electing. */
  looksAfterCreate: boolean;
  /** After a create of unknown fate, look before creating again. */
  looksBeforeRepeating: boolean;
  /** `no winner`: create again when there is nothing to converge on. `not shown`: when exactly T is not there. */
  repeatsWhen: 'no winner' | 'not shown';
  /** Do not elect on a look that is older than the run's own share. */
  insistsOnOwn: boolean;
  /** When no look ever shows the own share, elect it. */
  electsUnseen: boolean;
  /** A share of the desired name decides, also on a look that does not show the run's own; that one is then deleted unseen. */
  namedDecides: boolean;
  /** After the rename, look once more: never, when a look was seen to lag, or always. */
  looksOnceMore: 'never' | 'on lag' | 'always';
  /** After a rename of unknown fate, look and elect again. */
  looksAfterRename: boolean;
  /** With `replace`: make the new share before the old one goes. */
  replacesAfterCreate: boolean;
}

export const theRule: Rule = {
  elect,
  looksAfterCreate: true,
  looksBeforeRepeating: true,
  repeatsWhen: 'no winner',
  insistsOnOwn: true,
  electsUnseen: false,
  namedDecides: true,
  looksOnceMore: 'on lag',
  looksAfterRename: true,
  replacesAfterCreate: true,
};

const MOST_CREATES = 5;
const MOST_BLIND_LOOKS = 4;
const MOST_ROUNDS = 8;

export type Step = 'look' | 'create' | 'remove' | 'rename' | 'delete' | 'green' | 'red' | 'killed';

/** Where a run stands. Ids are letters, and a list of them is a text. */
export interface Run {
  readonly step: Step;
  /** The shares that it knows it made. Undefined: it has sent no create. */
  readonly own?: string;
  readonly creates: number;
  /** Looks that did not show its own share. */
  readonly blindLooks: number;
  readonly rounds: number;
  readonly sawLag: boolean;
  readonly lookedOnceMore: boolean;
  /** The misfit that a successor takes over from. */
  readonly old: string;
  /** The share to rename; at the end, the share that the run reports. */
  readonly target: string;
  readonly losers: string;
}

export const waiting: Run = {
  step: 'look',
  creates: 0,
  blindLooks: 0,
  rounds: 0,
  sawLag: false,
  lookedOnceMore: false,
  old: '',
  target: '',
  losers: '',
};

export const keyOf = (run: Run): string =>
  run.step === 'green'
    ? `green${run.target}`
    : run.step === 'red' || run.step === 'killed'
      ? run.step
      : `${run.step}${run.own ?? '-'}.${run.creates}${run.blindLooks}${run.rounds}${run.sawLag ? 'l' : '.'}${run.lookedOnceMore ? 'm' : '.'}${run.old}.${run.target}.${run.losers}`;

export const isOver = ({ step }: Run): boolean => step === 'green' || step === 'red' || step === 'killed';

export type Answer = 'done' | 'not found' | 'unknown';

const union = (a: string, b: string): string => [...new Set(a + b)].sort().join('');

/** A look has come back. */
export function afterLook(run: Run, rule: Rule, concluded: Conclusion): Run {
  const own = run.own === undefined ? {} : { own: union(run.own, concluded.own) };
  const seen: Run = { ...run, ...own };
  const { winner, named, misfit, successor } = concluded;
  const decided = rule.namedDecides && named && !misfit;
  if (rule.insistsOnOwn && !concluded.showsOwn && !decided) {
    if (run.blindLooks === MOST_BLIND_LOOKS)
      return rule.electsUnseen
        ? { ...seen, step: 'rename', target: winner || (run.own ?? '')[0] || '' }
        : { ...seen, step: 'red' };
    return { ...seen, blindLooks: run.blindLooks + 1, sawLag: true };
  }
  const losers = decided ? union(concluded.losers, concluded.unseen.replace(winner, '')) : concluded.losers;
  const mustRepeat = rule.repeatsWhen === 'not shown' && run.own === '' && concluded.own === '' && run.creates > 0;
  if (winner === '' || mustRepeat || (misfit && successor === '')) {
    if (run.creates === MOST_CREATES) return { ...seen, step: 'red' };
    if (misfit && !rule.replacesAfterCreate && run.creates === 0)
      return { ...seen, step: 'remove', old: winner, target: '' };
    return { ...seen, own: seen.own ?? '', step: 'create', creates: run.creates + 1 };
  }
  if (misfit) return { ...seen, step: 'remove', old: winner, target: successor, losers };
  if (named) return ending({ ...seen, target: winner, losers });
  return { ...seen, step: 'rename', target: winner, losers };
}

/** @param id the share that the answer names */
export function afterCreate(run: Run, rule: Rule, answer: Answer, id: string): Run {
  if (answer === 'unknown') {
    if (rule.looksBeforeRepeating) return { ...run, step: 'look' };
    return run.creates === MOST_CREATES ? { ...run, step: 'red' } : { ...run, creates: run.creates + 1 };
  }
  const own = union(run.own ?? '', id);
  if (!rule.looksAfterCreate) return { ...run, own, step: 'rename', target: id };
  return { ...run, own, step: 'look' };
}

/** The misfit is deleted: a call that may be repeated, and a share that is gone is no failure. */
export function afterRemove(run: Run, answer: Answer): Run {
  if (answer === 'unknown') return run;
  if (run.target === '') return { ...run, own: run.own ?? '', step: 'create', creates: run.creates + 1 };
  return { ...run, step: 'rename', old: '' };
}

export function afterRename(run: Run, rule: Rule, answer: Answer): Run {
  if (answer === 'not found' || (answer === 'unknown' && rule.looksAfterRename)) {
    if (run.rounds === MOST_ROUNDS) return { ...run, step: 'red' };
    return { ...run, step: 'look', rounds: run.rounds + 1, target: '', losers: '' };
  }
  const looks = rule.looksOnceMore === 'always' || (rule.looksOnceMore === 'on lag' && run.sawLag);
  if (looks && !run.lookedOnceMore) return { ...run, step: 'look', lookedOnceMore: true, target: '', losers: '' };
  return ending(run);
}

/** A loser is deleted: a call that may be repeated, and a share that is gone is no failure. */
export const afterDelete = (run: Run, answer: Answer): Run =>
  answer === 'unknown' ? run : ending({ ...run, losers: run.losers.slice(1) });

const ending = (run: Run): Run => ({ ...run, step: run.losers === '' ? 'green' : 'delete' });

export type Conclude = (look: World, run: string, own: string | undefined, period: number) => Conclusion;
