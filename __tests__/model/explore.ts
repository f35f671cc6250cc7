// Explores every order of events: which run continues next, whether each call takes effect, which run is killed, what each
// listing shows. The search is breadth-first, so the first violation found is one of the shortest. Equal states are
// explored once.

import {
  afterCreate,
  afterDelete,
  afterListing,
  afterRemove,
  afterRename,
  type Conclude,
  isOver,
  keyOf,
  notStarted,
  type Response,
  type Rule,
  type Run,
} from './run.ts';
import {
  concluder,
  DEAD,
  DEAD_TOO,
  DESIRED_NAME,
  described,
  find,
  type Item,
  itemsOf,
  LAST_RUN,
  letter,
  renamed,
  SOMEBODY,
  type World,
  withNew,
  without,
  worldOf,
} from './world.ts';

export interface Scenario {
  runs: number;
  /** The shares that exist at the start. Default: none. */
  start?: World;
  /** The number of lost responses: the call executes at once, arbitrarily later or never. */
  unknown?: number;
  kills?: number;
  /** How many times three minutes pass while runs are active. */
  pauses?: number;
  /** The number of stale listings. */
  stale?: number;
  /** Whether a run may fail, and leave its share, when no listing shows that share. */
  mayGiveUp?: boolean;
  /** The number of renames that are accepted but take effect arbitrarily later. */
  slow?: number;
  /**
   * `snapshot`: a stale listing shows any earlier state, and the next one can show an even older state. `seen`: each share
   * can be late on its own, but a listing hides another run's share only after one has hidden the run's own, and the listing
   * after the rename hides nothing. `any`: each share can be late on its own, and the run can't notice.
   */
  lag?: 'snapshot' | 'seen' | 'any';
  /** The number of shares whose `created` is earlier than that of shares that existed before. */
  skewed?: number;
}

/** `holds`, or the shortest sequence of events that breaks the promise. */
export const outcomeOf = ({ violation }: Explored): string =>
  violation ? [`${violation.message}:`, ...violation.trace].join('\n  ') : 'holds';

export interface Explored {
  states: number;
  ends: number;
  /** Undefined if no end breaks the promise. */
  violation?: { message: string; trace: string[] };
}

interface State {
  world: World;
  made: number;
  period: number;
  runs: readonly Run[];
  /** Calls that execute later, sorted: `c` and the run, or `r` or `d`, the run and the share's id. */
  late: readonly string[];
  /** Earlier worlds that a listing can still show. */
  past: readonly World[];
  unknown: number;
  kills: number;
  pauses: number;
  stale: number;
  skewed: number;
  slow: number;
}

/** The shares that exist at the start of a scenario. */
const ITEM = { period: '0', fits: '+', response: '.' } as const;
export const leftover: World = worldOf([{ ...ITEM, id: '0', place: '1', name: DEAD, creator: DEAD }]);
export const twoLeftovers: World = worldOf([
  { ...ITEM, id: '0', place: '1', name: DEAD, creator: DEAD },
  { ...ITEM, id: '1', place: '2', name: DEAD_TOO, creator: DEAD_TOO },
]);
export const recentLeftover: World = worldOf([
  { ...ITEM, id: '0', place: '1', name: DEAD, creator: DEAD, period: '1' },
]);
export const namedAndLeftover: World = worldOf([
  { ...ITEM, id: '0', place: '1', name: DESIRED_NAME, creator: SOMEBODY },
  { ...ITEM, id: '1', place: '2', name: DEAD, creator: DEAD },
]);
/** The temporary share is the older one, as after a late call or a create call with the final name. */
export const leftoverAndNamed: World = worldOf([
  { ...ITEM, id: '0', place: '1', name: DEAD, creator: DEAD },
  { ...ITEM, id: '1', place: '2', name: DESIRED_NAME, creator: SOMEBODY },
]);
/** Another run has just created the share with the name. */
export const namedNow: World = worldOf([
  { ...ITEM, id: '0', place: '1', name: DESIRED_NAME, creator: DEAD, period: '1' },
]);
export const misfit: World = worldOf([
  { ...ITEM, id: '0', place: '1', name: DESIRED_NAME, creator: SOMEBODY, fits: '-' },
]);
/** The leftover temporary share has the other target, so no run adopts it. */
export const misfitLeftover: World = worldOf([{ ...ITEM, id: '0', place: '1', name: DEAD, creator: DEAD, fits: '-' }]);
export const misfitAndLeftover: World = worldOf([
  { ...ITEM, id: '0', place: '1', name: DESIRED_NAME, creator: SOMEBODY, fits: '-' },
  { ...ITEM, id: '1', place: '2', name: DEAD, creator: DEAD },
]);

/** Numbers texts in the order of their first appearance. */
function numbering(): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    const number = known.get(text) ?? known.size;
    if (number === known.size) known.set(text, number);
    return number;
  };
}

/** Creates a function that returns equal keys for equal states: one number for each part, because hashing long keys takes long. */
function keys(): (state: State) => string {
  const [world, run, rest] = [numbering(), numbering(), numbering()];
  return (s) => {
    const calls = rest(
      `${s.made}${s.period}${s.unknown}${s.kills}${s.pauses}${s.stale}${s.skewed}${s.slow}|${s.late.join(' ')}|${s.past.join(' ')}`,
    );
    return `${world(s.world)},${calls},${s.runs.map((each) => run(keyOf(each))).join()}`;
  };
}

type Event = () => string;

class Violation extends Error {}

export function explore(scenario: Scenario, rule: Rule): Explored {
  const conclude = concluder(rule.elect);
  const start: World = scenario.start ?? '';
  const first: State = {
    world: start,
    made: itemsOf(start).length,
    period: 1,
    runs: Array.from({ length: scenario.runs }, () => notStarted),
    late: [],
    past: [],
    unknown: scenario.unknown ?? 0,
    kills: scenario.kills ?? 0,
    pauses: scenario.pauses ?? 0,
    stale: scenario.stale ?? 0,
    skewed: scenario.skewed ?? 0,
    slow: scenario.slow ?? 0,
  };
  const keyOfState = keys();
  const seen = new Set<string>([keyOfState(first)]);
  /** For each state, the state that it follows, and at which place among what can happen next. */
  const cameFrom: number[] = [-1];
  const places: number[] = [-1];
  const queue: (State | undefined)[] = [first];
  const fates = new Map<string, string>();
  let ends = 0;

  /** Follows the path to a state once more, because only a violation needs the events in words. */
  const trace = (at: number): string[] => {
    const path: number[] = [];
    for (let i = at; i > 0; i = cameFrom[i] as number) path.unshift(places[i] as number);
    const lines = ['at the start'];
    let state = first;
    for (const place of path) {
      const [event, reached] = [...following(state, scenario, rule, conclude)][place] as [Event, State];
      lines.push(event());
      state = withoutIdleCalls(reached);
    }
    return lines;
  };

  for (let at = 0; at < queue.length; at += 1) {
    const state = queue[at] as State;
    queue[at] = undefined;
    let last: Event | undefined;
    let place = -1;
    try {
      for (const [event, reached] of following(state, scenario, rule, conclude)) {
        const next = withoutIdleCalls(reached);
        last = event;
        place += 1;
        const key = keyOfState(next);
        if (seen.has(key)) continue;
        seen.add(key);
        cameFrom.push(at);
        places.push(place);
        queue.push(next);
      }
      last = undefined;
      if (place >= 0) continue;
      ends += 1;
      checkEnd(state, scenario);
      // What the last run does depends only on the shares that are left.
      const left = `${state.world}/${state.period}`;
      const fate = fates.get(left) ?? lastRun(state, rule, conclude);
      fates.set(left, fate);
      if (fate !== '') throw new Violation(fate);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      const lines = trace(at);
      if (last) lines.push(last());
      lines.push(`left: ${described(state.world)}`);
      return { states: seen.size, ends, violation: { message: error.message, trace: lines } };
    }
  }
  return { states: seen.size, ends };
}

/** Everything that can happen next. */
function* following(state: State, scenario: Scenario, rule: Rule, conclude: Conclude): Generator<[Event, State]> {
  let alive = false;
  for (const [index, run] of state.runs.entries()) {
    if (isOver(run)) continue;
    alive = true;
    const who = letter(index);
    yield* stepsOf(state, index, run, who, scenario, rule, conclude);
    if (state.kills > 0) {
      const killed = withRun({ ...state, kills: state.kills - 1 }, index, { ...notStarted, step: 'killed' });
      yield [() => `run ${who} is killed`, killed];
      const call = callOf(run, who);
      if (call)
        yield [
          () => `run ${who} is killed while its call (${textOfCall(call)}) is on its way`,
          { ...killed, late: added(killed.late, call) },
        ];
    }
    // Runs that have not started are alike, so only the first of them starts next.
    if (run === notStarted) break;
  }
  for (const [i, call] of state.late.entries()) {
    if (call === state.late[i - 1]) continue;
    const rest = { ...state, late: state.late.filter((_, j) => j !== i) };
    const { next } = execute(rest, call, scenario, 'l');
    yield [() => `late: ${textOfCall(call)} is executed`, next];
  }
  if (alive && state.pauses > 0) {
    yield [() => 'three minutes pass', { ...state, period: state.period + 1, pauses: state.pauses - 1 }];
  }
}

function* stepsOf(
  state: State,
  index: number,
  run: Run,
  who: string,
  scenario: Scenario,
  rule: Rule,
  conclude: Conclude,
): Generator<[Event, State]> {
  if (run.step === 'list') {
    for (const listing of listingsOf(state, run, who, scenario)) {
      const stale = listing !== state.world;
      const spent = stale ? { ...state, stale: state.stale - 1 } : state;
      const next = afterListing(run, rule, conclude(listing, who, run.own, state.period));
      yield [
        () => `run ${who} lists${stale ? ' (stale)' : ''}: ${described(listing)}${textOfStep(next)}`,
        afterwards(spent, index, next, scenario),
      ];
    }
    return;
  }
  const call = callOf(run, who) as string;
  // The run repeats a create call although a listing would show its share.
  if (run.step === 'create' && run.creates > 1 && !scenario.stale && rule.repeatsWhen === 'no winner') {
    const mine = itemsOf(state.world).find(({ creator, response }) => creator === who && response !== 'l');
    if (mine) throw new Violation(`run ${who} creates again although its share ${mine.id} is there`);
  }
  const what = (): string => textOfCall(call);
  const { next: executed, found } = execute(state, call, scenario, '.');
  const id = letter(state.made);
  const response: Response = found ? 'done' : 'not found';
  const next = after(run, rule, response, id);
  yield [() => `${what()}: ${response}${textOfStep(next)}`, afterwards(executed, index, next, scenario)];
  if (run.step === 'rename' && state.slow > 0 && found && find(state.world, run.target)?.name !== DESIRED_NAME) {
    const accepted = { ...state, slow: state.slow - 1, late: added(state.late, call) };
    yield [() => `${what()}: accepted, and executed later`, afterwards(accepted, index, next, scenario)];
  }
  if (run.step === 'create' && state.skewed > 0 && state.world !== '') {
    const world = withNew(state.world, state.made, { creator: who, period: letter(state.period), response: '.' }, true);
    yield [
      () => `${what()}: done, with a created that is earlier than that of the oldest share`,
      afterwards({ ...executed, world, skewed: state.skewed - 1 }, index, next, scenario),
    ];
  }
  if (state.unknown === 0) return;
  const afterLoss = after(run, rule, 'unknown', '');
  const lost = { unknown: state.unknown - 1 };
  const done = execute(state, call, scenario, 'u').next;
  yield [
    () => `${what()}: executed, and the response is lost`,
    afterwards({ ...done, ...lost }, index, afterLoss, scenario),
  ];
  yield [
    () => `${what()}: not executed, and no response`,
    afterwards({ ...state, ...lost }, index, afterLoss, scenario),
  ];
  yield [
    () => `${what()}: no response, and it is executed later`,
    afterwards({ ...state, ...lost, late: added(state.late, call) }, index, afterLoss, scenario),
  ];
}

function after(run: Run, rule: Rule, response: Response, id: string): Run {
  if (run.step === 'create') return afterCreate(run, rule, response, id);
  if (run.step === 'remove') return afterRemove(run, response);
  if (run.step === 'rename') return afterRename(run, rule, response);
  return afterDelete(run, response);
}

/** The call that a run is about to send. */
function callOf(run: Run, who: string): string | undefined {
  if (run.step === 'create') return `c${who}`;
  if (run.step === 'remove') return `d${who}${run.old}`;
  if (run.step === 'rename') return `r${who}${run.target}`;
  return run.step === 'delete' ? `d${who}${run.losers[0]}` : undefined;
}

/** The server executes a call, even if no run waits for it anymore. */
function execute(
  state: State,
  call: string,
  scenario: Scenario,
  response: Item['response'],
): { next: State; found: boolean } {
  const [kind, who, id = ''] = call as unknown as [string, string, string?];
  if (kind === 'c') {
    const world = withNew(state.world, state.made, { creator: who, period: letter(state.period), response }, false);
    return { next: remembering(state, { ...state, world, made: state.made + 1 }, scenario), found: true };
  }
  const item = find(state.world, id);
  if (!item) return { next: state, found: false };
  if (kind === 'r') {
    return { next: remembering(state, { ...state, world: renamed(state.world, id) }, scenario), found: true };
  }
  const olderNamed = itemsOf(state.world).some((other) => other.name === DESIRED_NAME && other.place < item.place);
  if (item.name === DESIRED_NAME && item.fits === '+' && !(item.creator === who && olderNamed)) {
    throw new Violation(`run ${who} deletes share ${id}, which has the desired name`);
  }
  if (item.name !== DESIRED_NAME && item.creator !== who && item.period >= letter(state.period)) {
    throw new Violation(`run ${who} deletes share ${id} of run ${item.creator}, which may be at work`);
  }
  const world = without(state.world, id);
  if (world === '') throw new Violation(`run ${who} deletes the last share, ${id}`);
  return { next: remembering(state, { ...state, world }, scenario), found: true };
}

/** Changes the world, and remembers the earlier one, which a stale listing can still show. */
function remembering(before: State, next: State, { lag }: Scenario): State {
  if (before.stale === 0 || lag !== 'snapshot' || before.past.includes(before.world)) return next;
  return { ...next, past: [...before.past, before.world].sort() };
}

/** The worlds that a run's listing can show. */
function listingsOf({ world, stale, past }: State, run: Run, who: string, { lag }: Scenario): readonly World[] {
  if (stale === 0 || lag === undefined) return [world];
  if (lag === 'snapshot') return [world, ...past.filter((earlier) => earlier !== world)];
  if (run.listedOnceMore) return [world];
  const listings = partial(world);
  if (lag === 'any' || run.own === undefined || run.sawLag) return listings;
  return listings.filter((listing) => listing === world || !itemsOf(listing).some(({ creator }) => creator === who));
}

/** Every share appears as it is, as it was before its rename, or not yet. */
function partial(world: World): World[] {
  let listings: (readonly World[])[] = [[]];
  for (const item of itemsOf(world)) {
    const ways = [[worldOf([item])], []];
    if (item.name === DESIRED_NAME && item.creator !== SOMEBODY)
      ways.push([worldOf([{ ...item, name: item.creator }])]);
    listings = listings.flatMap((listing) => ways.map((way) => [...listing, ...way]));
  }
  return listings.map((listing) => listing.join(''));
}

const withRun = (state: State, index: number, run: Run): State => ({
  ...state,
  runs: state.runs.map((each, i) => (i === index ? run : each)),
});

/** A run continues. Earlier worlds no longer matter once no listing can be stale. */
function afterwards(state: State, index: number, run: Run, { mayGiveUp }: Scenario): State {
  if (run.step === 'red' && !mayGiveUp) throw new Violation(`run ${letter(index)} gives up`);
  const next = withRun(state, index, run);
  return state.stale === 0 && state.past.length > 0 ? { ...next, past: [] } : next;
}

/** Drops late calls that can't change anything anymore, so that more states are equal. Ids are never reused. */
function withoutIdleCalls(state: State): State {
  const canAct = (call: string): boolean => {
    const item = find(state.world, call.slice(2));
    return call.startsWith('c') || (item !== undefined && (call.startsWith('d') || item.name !== DESIRED_NAME));
  };
  return state.late.every(canAct) ? state : { ...state, late: state.late.filter(canAct) };
}

const added = (late: readonly string[], call: string): string[] => [...late, call].sort();

/** Checks the end, when all runs are over and all calls have executed. */
function checkEnd({ world, runs, made }: State, scenario: Scenario): void {
  const items = itemsOf(world);
  const named = items.filter(({ name }) => name === DESIRED_NAME);
  if (named.length > 1) throw new Violation(`${named.length} live shares have the desired name`);
  if (made > 0 && items.length === 0) throw new Violation('no share is left');
  for (const [index, { step, target }] of runs.entries()) {
    if (step === 'green' && target !== named[0]?.id) {
      throw new Violation(
        `run ${letter(index)} is green with share ${target}, and the live share is ${named[0]?.id ?? 'none'}`,
      );
    }
  }
  for (const { id, name, creator, response } of items) {
    const killed = runs.some(({ step }, index) => letter(index) === creator && (step === 'killed' || step === 'red'));
    // A run can also leave a share that it neither knows about nor sees, but only because of a stale listing.
    const unseen = response === 'l' || (response === 'u' && scenario.stale !== undefined);
    if (name !== DESIRED_NAME && !unseen && !killed && !find(scenario.start ?? '', id)) {
      throw new Violation(`the temporary share ${id} of run ${creator} is left, and nobody killed the run`);
    }
  }
}

/** Another run, undisturbed, three minutes later. Returns what is wrong afterwards. */
function lastRun({ world, made, period }: State, rule: Rule, conclude: Conclude): string {
  const scenario: Scenario = { runs: 1 };
  let state: State = {
    world,
    made,
    period: period + 1,
    runs: [],
    late: [],
    past: [],
    unknown: 0,
    kills: 0,
    pauses: 0,
    stale: 0,
    skewed: 0,
    slow: 0,
  };
  let run = notStarted;
  while (!isOver(run)) {
    if (run.step === 'list') {
      run = afterListing(run, rule, conclude(state.world, LAST_RUN, run.own, state.period));
      continue;
    }
    const { next, found } = execute(state, callOf(run, LAST_RUN) as string, scenario, '.');
    run = after(run, rule, found ? 'done' : 'not found', letter(state.made));
    state = next;
  }
  const [share, ...others] = itemsOf(state.world);
  if (run.step !== 'green') return 'one more run gives up';
  if (others.length > 0 || share?.name !== DESIRED_NAME) return `one more run leaves ${described(state.world)}`;
  return share.id === run.target ? '' : `one more run is green with share ${run.target}`;
}

const CALLS: Record<string, string> = { c: 'creates a share', r: 'renames', d: 'deletes' };
const textOfCall = (call: string): string =>
  `run ${call[1]} ${CALLS[call[0] as string]}${call[2] ? ` ${call[2]}` : ''}`;
const textOfStep = ({ step, target }: Run): string =>
  step === 'green' ? `; it is green with ${target}` : step === 'red' ? '; it gives up' : '';
