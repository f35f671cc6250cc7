import { expect, test } from '@jest/globals';
import { systemClock } from '../../src/clock.ts';

test('the clock of the system goes on, and its pauses end when they are over or aborted', async () => {
  const began = systemClock.nowMs();
  await systemClock.pause(2);
  await systemClock.pause(2, new AbortController().signal);
  expect(systemClock.nowMs()).toBeGreaterThan(began);
  expect(new Date(systemClock.dateMs()).getUTCFullYear()).toBeGreaterThan(2025);
  const controller = new AbortController();
  const long = systemClock.pause(600_000, controller.signal);
  controller.abort();
  await expect(long).rejects.toThrow();
  await expect(systemClock.pause(1, controller.signal)).rejects.toThrow();
});
