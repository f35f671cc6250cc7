// One run of the action, as far as it concerns promise 1: a state machine around the real election. docs/RERUNNING.md
// describes the steps.

import { elect } from '../../src/share/election.ts';
import type { Conclusion, Elect, World } from './world.ts';

/** The rule that the runs follow. Tests break each field to show that the model notices. */
export interface Rule {
  elect: Elect;
  /** After a successful create call, list before electing. */
  listsAfterCreate: boolean;
  /** After a create call whose response is lost, list before creating again. */
  listsBeforeRepeating: boolean;
  /** Create again: `no winner`, when there is no share to converge on; `not shown`, when T is not listed. */
  repeatsWhen: 'no winner' | 'not shown';
  /** Don't elect from a listing that is older than the run's own share. */
  insistsOnOwn: boolean;
  /** Elect the run's own share if no listing ever shows it. */
  electsUnseen: boolean;
  /**
   * A share with the desired name wins even if the run's own share is not listed. The run then deletes its own share
   * without having seen it.
   */
  namedDecides: boolean;
  /** When to list again after the rename: never, after a stale listing, or always. */
  listsOnceMore: 'never' | 'on lag' | 'always';
  /** After a rename whose response is lost, list and elect again. */
  listsAfterRename: boolean;
  /** With `replace`, create the new share before deleting the old one. */
  replacesAfterCreate: boolean;
}

export const theRule: Rule = {
  elect,
  listsAfterCreate: true,
  listsBeforeRepeating: true,
  repeatsWhen: 'no winner',
  insistsOnOwn: true,
  electsUnseen: false,
  namedDecides: true,
  listsOnceMore: 'on lag',
  listsAfterRename: true,
  replacesAfterCreate: true,
};

const MAX_CREATES = 5;
const MAX_BLIND_LISTINGS = 4;
const MAX_ROUNDS = 8;

export type Step = 'list' | 'create' | 'remove' | 'rename' | 'delete' | 'green' | 'red' | 'killed';

/** The state of a run. Ids are letters, and a list of ids is a string. */
export interface Run {
  readonly step: Step;
  /** The shares that the run knows it created. Undefined if it has sent no create call. */
  readonly own?: string;
  readonly creates: number;
  /** The number of listings that did not show the run's own share. */
  readonly blindListings: number;
  readonly rounds: number;
  readonly sawLag: boolean;
  readonly listedOnceMore: boolean;
  /** The share with the wrong target, which a successor replaces. */
  readonly old: string;
  /** The share to rename, and at the end the share that the run reports. */
  readonly target: string;
  readonly losers: string;
}

export const notStarted: Run = {
  step: 'list',
  creates: 0,
  blindListings: 0,
  rounds: 0,
  sawLag: false,
  listedOnceMore: false,
  old: '',
  target: '',
  losers: '',
};

export const keyOf = (run: Run): string =>
  run.step === 'green'
    ? `green${run.target}`
    : run.step === 'red' || run.step === 'killed'
      ? run.step
      : `${run.step}${run.own ?? '-'}.${run.creates}${run.blindListings}${run.rounds}${run.sawLag ? 'l' : '.'}${run.listedOnceMore ? 'm' : '.'}${run.old}.${run.target}.${run.losers}`;

export const isOver = ({ step }: Run): boolean => step === 'green' || step === 'red' || step === 'killed';

export type Response = 'done' | 'not found' | 'unknown';

const union = (a: string, b: string): string => [...new Set(a + b)].sort().join('');

/** After a listing. */
export function afterListing(run: Run, rule: Rule, concluded: Conclusion): Run {
  const own = run.own === undefined ? {} : { own: union(run.own, concluded.own) };
  const seen: Run = { ...run, ...own };
  const { winner, named, misfit, successor } = concluded;
  const decided = rule.namedDecides && named && !misfit;
  if (rule.insistsOnOwn && !concluded.showsOwn && !decided) {
    if (run.blindListings === MAX_BLIND_LISTINGS)
      return rule.electsUnseen
        ? { ...seen, step: 'rename', target: winner || (run.own ?? '')[0] || '' }
        : { ...seen, step: 'red' };
    return { ...seen, blindListings: run.blindListings + 1, sawLag: true };
  }
  const losers = decided ? union(concluded.losers, concluded.unseen.replace(winner, '')) : concluded.losers;
  const mustRepeat = rule.repeatsWhen === 'not shown' && run.own === '' && concluded.own === '' && run.creates > 0;
  if (winner === '' || mustRepeat || (misfit && successor === '')) {
    if (run.creates === MAX_CREATES) return { ...seen, step: 'red' };
    if (misfit && !rule.replacesAfterCreate && run.creates === 0)
      return { ...seen, step: 'remove', old: winner, target: '' };
    return { ...seen, own: seen.own ?? '', step: 'create', creates: run.creates + 1 };
  }
  if (misfit) return { ...seen, step: 'remove', old: winner, target: successor, losers };
  if (named) return ending({ ...seen, target: winner, losers });
  return { ...seen, step: 'rename', target: winner, losers };
}

/** @param id the share in the response */
export function afterCreate(run: Run, rule: Rule, response: Response, id: string): Run {
  if (response === 'unknown') {
    if (rule.listsBeforeRepeating) return { ...run, step: 'list' };
    return run.creates === MAX_CREATES ? { ...run, step: 'red' } : { ...run, creates: run.creates + 1 };
  }
  const own = union(run.own ?? '', id);
  if (!rule.listsAfterCreate) return { ...run, own, step: 'rename', target: id };
  return { ...run, own, step: 'list' };
}

/** After deleting the share with the wrong target. The call can be repeated, and a deleted share is no failure. */
export function afterRemove(run: Run, response: Response): Run {
  if (response === 'unknown') return run;
  if (run.target === '') return { ...run, own: run.own ?? '', step: 'create', creates: run.creates + 1 };
  return { ...run, step: 'rename', old: '' };
}

export function afterRename(run: Run, rule: Rule, response: Response): Run {
  if (response === 'not found' || (response === 'unknown' && rule.listsAfterRename)) {
    if (run.rounds === MAX_ROUNDS) return { ...run, step: 'red' };
    return { ...run, step: 'list', rounds: run.rounds + 1, target: '', losers: '' };
  }
  const listsAgain = rule.listsOnceMore === 'always' || (rule.listsOnceMore === 'on lag' && run.sawLag);
  if (listsAgain && !run.listedOnceMore) return { ...run, step: 'list', listedOnceMore: true, target: '', losers: '' };
  return ending(run);
}

/** After deleting a loser. The call can be repeated, and a deleted share is no failure. */
export const afterDelete = (run: Run, response: Response): Run =>
  response === 'unknown' ? run : ending({ ...run, losers: run.losers.slice(1) });

const ending = (run: Run): Run => ({ ...run, step: run.losers === '' ? 'green' : 'delete' });

export type Conclude = (listing: World, run: string, own: string | undefined, period: number) => Conclusion;
