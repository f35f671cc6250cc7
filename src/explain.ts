// From what went wrong to problems that say what, where, and what to do next.

import { CannotDo } from './apply/task.ts';
import { adviceFor } from './cloudflare/advice.ts';
import { Cancelled, NoAnswer, Refusal } from './cloudflare/errors.ts';
import type { Problem, Wish } from './share/wish.ts';

export function explain(error: unknown, wish: Wish | undefined): Problem[] {
  if (error instanceof AggregateError) return error.errors.flatMap((each: unknown) => explain(each, wish));
  const message = messageOf(error);
  const place = error instanceof Refusal && wish ? placeOf(error, wish) : undefined;
  return [{ message, ...(place ? { place } : {}) }];
}

function messageOf(error: unknown): string {
  if (error instanceof Cancelled) return capitalized(`${error.message}.`);
  if (error instanceof CannotDo) return error.message;
  if (error instanceof Refusal || error instanceof NoAnswer) {
    const advice = adviceFor(error);
    return advice === '' ? error.message : `${error.message}. ${advice}`;
  }
  return `Unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}. This is a fault of the action: please report it`;
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Where in the workflow or the file the thing was written that the API's `source.pointer` points at. */
function placeOf({ errors, call }: Refusal, wish: Wish) {
  if (call.method !== 'POST' || !call.path.endsWith('/shares')) return undefined;
  const pointer = errors.find((error) => error.pointer !== undefined)?.pointer;
  const steps = (pointer ?? '').split(/[/.[\]#]+/).filter((step) => step !== '' && step !== 'body');
  if (!['name', 'recipients', 'resources'].includes(steps[0] ?? '')) return undefined;
  return wish.placeOf(steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step)));
}
