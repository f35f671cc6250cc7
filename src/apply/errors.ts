// Why the run of a share failed: the error that ends it, and the text that people read about any error. The text says
// what went wrong, where, and what to do next.

import { adviceFor } from '../cloudflare/advice.ts';
import { Cancelled, NoUsableResponse, Refusal } from '../cloudflare/errors.ts';
import type { DesiredShare } from '../share/desired.ts';
import type { Place, Problem, ProblemKind } from '../share/problem.ts';
import { type RecipientItem, type ResourceItem, recipientKey, resourceKey } from '../share/share.ts';
import { isTemporaryName } from '../share/temporary-name.ts';
import { quoted } from '../share/words.ts';

/** The run can't continue with a share, because somebody has to decide or fix something. The message says what. */
export class Stop extends Error {
  override name = 'Stop';
  readonly kind: ProblemKind;

  constructor(message: string, kind: ProblemKind) {
    super(message);
    this.kind = kind;
  }
}

export function explain(error: unknown, desired: DesiredShare | undefined): Problem[] {
  if (error instanceof AggregateError) return error.errors.flatMap((each: unknown) => explain(each, desired));
  const place = error instanceof Refusal && desired ? placeOf(error, desired) : undefined;
  return [{ message: messageOf(error), ...(place ? { place } : {}), kind: kindOf(error) }];
}

function kindOf(error: unknown): ProblemKind {
  if (error instanceof Cancelled) return 'cancelled';
  if (error instanceof Stop) return error.kind;
  return error instanceof Refusal || error instanceof NoUsableResponse ? 'cloudflare' : 'internal';
}

function messageOf(error: unknown): string {
  if (error instanceof Cancelled) return capitalized(`${error.message}.`);
  if (error instanceof Stop) return error.message;
  if (error instanceof Refusal || error instanceof NoUsableResponse) {
    return [`${error.message}${sentName(error)}`, adviceFor(error)].filter((text) => text !== '').join('. ');
  }
  return `Unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}. This is a bug in the action: please report it`;
}

/** A refusal may be about the temporary name, which people don't know. */
function sentName(error: Refusal | NoUsableResponse): string {
  const { name } = (error.call.body ?? {}) as { name?: unknown };
  const mayBeTheName = error instanceof Refusal && [400, 409, 422].includes(error.status) && !isAboutLists(error);
  if (!mayBeTheName || typeof name !== 'string' || !isTemporaryName(name)) return '';
  return ` (the request used the temporary name of the share, ${quoted(name)})`;
}

const isAboutLists = ({ errors }: Refusal): boolean =>
  errors.length > 0 && errors.every(({ pointer = '' }) => isList(stepsOf(pointer)[0]));

type List = 'recipients' | 'resources';
const isList = (step: unknown): step is List => step === 'recipients' || step === 'resources';

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The API's `source.pointer` points into the request. This finds the same place in the workflow or the file. */
function placeOf({ errors, call, status }: Refusal, desired: DesiredShare): Place | undefined {
  const { method, path, body } = call;
  const pointer = errors.find((error) => error.pointer !== undefined)?.pointer;
  const steps = stepsOf(pointer ?? '');
  const list = /\/shares\/[^/]+\/([^/]+)$/.exec(path)?.[1];
  if (isList(list)) {
    const [index, ...inside] = steps;
    if (Array.isArray(body)) return placeOfItem(list, body[Number(index)], inside, desired);
    const isAboutItem = pointer !== undefined || status === 400 || status === 422;
    return isAboutItem ? placeOfItem(list, body, steps, desired) : undefined;
  }
  const aboutShare = method === 'POST' ? /\/shares$/ : method === 'PUT' ? /\/shares\/[^/]+$/ : undefined;
  const isKnown = ['name', 'recipients', 'resources'].some((field) => field === steps[0]);
  return aboutShare?.test(path) && isKnown ? desired.placeOf(steps) : undefined;
}

const stepsOf = (pointer: string): (string | number)[] =>
  pointer
    .split(/[/.[\]#]/)
    .filter((step) => step !== '' && step !== 'body')
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));

/** Where the inputs list an item that was sent. Undefined: they don't list it. */
function placeOfItem(
  list: List,
  sent: unknown,
  inside: readonly (string | number)[],
  desired: DesiredShare,
): Place | undefined {
  if (typeof sent !== 'object' || sent === null) return undefined;
  const index =
    list === 'recipients'
      ? desired.recipients?.findIndex((each) => recipientKey(each) === recipientKey(sent as RecipientItem))
      : desired.resources?.findIndex((each) => resourceKey(each) === resourceKey(sent as ResourceItem));
  return index === undefined || index < 0 ? undefined : desired.placeOf([list, index, ...inside]);
}
