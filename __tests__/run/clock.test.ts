import { expect, test } from '@jest/globals';
import { systemClock } from '../../src/clock.ts';

test('the system clock advances, and its pauses end in time or when aborted', async () => {
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
