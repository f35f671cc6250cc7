// Waiting for what the simulator comes to hold, without taking time from the run that brings it about.

import { setTimeout as pause } from 'node:timers/promises';

/** Until it is so. A test that waits in vain ends with jest's time-out. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(5);
}
