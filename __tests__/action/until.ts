// Waits for a state of the simulator without slowing down the run that causes it.

import { setTimeout as pause } from 'node:timers/promises';

/** Waits until the condition is true. If it never is, Jest's timeout ends the test. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(5);
}
