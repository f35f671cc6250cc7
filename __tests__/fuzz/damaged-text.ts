// Arbitrary texts for fuzzing: good samples, damaged as files, responses and comments can be.

import fc from 'fast-check';

/** Ordinary test runs use few. The weekly workflow sets FUZZ_RUNS. */
export const RUNS = Number(process.env.FUZZ_RUNS ?? 50);
const LENGTH_MAX = 1024 * 1024;

/** Characters and sequences that have a meaning to one of the readers. */
const pieces = fc.oneof(
  fc.constantFrom(
    ...[
      '\n',
      '\r\n',
      '\t',
      '\0',
      '\u200b',
      '\ufeff',
      '\ud800',
      '"',
      "'",
      '`',
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '-',
      '#',
      '&a',
      '*a',
    ],
    ...[
      '<<: ',
      '---\n',
      '...',
      '%0A',
      '::error::',
      '-->',
      '<!--',
      '$\u007b{ x }}',
      '$X',
      '\\u0000',
      '1e999',
      '-0',
      '__proto__',
    ],
    ...['null', 'true', '1'.repeat(32), '0x1f', '!!binary ', '|\n', '>-\n', '? ', '@', '%', '<title>', '</title>'],
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

type Damage = (text: string) => string;

const damages: fc.Arbitrary<Damage> = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), pieces, fc.nat(16))
  .chain(([from, to, piece, doublings]) => {
    const at = (text: string, where: number): number => Math.floor(where * text.length);
    const start = Math.min(from, to);
    const end = Math.max(from, to);
    return fc.constantFrom<Damage>(
      (text) => text.slice(0, at(text, start)) + piece + text.slice(at(text, start)),
      (text) => text.slice(0, at(text, start)) + text.slice(at(text, end)),
      (text) => text.slice(0, at(text, end)),
      (text) => text.slice(0, at(text, end)) + text.slice(at(text, start)),
      (text) => text.slice(0, at(text, start)) + piece.repeat(2 ** doublings) + text.slice(at(text, start)),
    );
  });

/** One of the samples, damaged a few times, or any text. Never longer than 1 MiB. */
export const damaged = (samples: readonly string[]): fc.Arbitrary<string> =>
  fc
    .oneof(
      {
        weight: 9,
        arbitrary: fc.tuple(fc.constantFrom(...samples), fc.array(damages, { minLength: 1, maxLength: 4 })),
      },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.string({ unit: 'binary', maxLength: 200 }), fc.array(damages, { maxLength: 2 })),
      },
    )
    .map(([text, changes]) => changes.reduce((changed, change) => change(changed), text).slice(0, LENGTH_MAX));

/** No input can hang the step (promise 9). This is processor time, because on a busy machine every reader has to wait. */
const LONGEST_MS = 10_000;

/** Reads every text. Fails if one takes too long or if `read` throws. */
export async function fuzz(samples: readonly string[], read: (text: string) => unknown): Promise<void> {
  await fc.assert(
    fc.asyncProperty(damaged(samples), async (text) => {
      const start = process.cpuUsage();
      await read(text);
      const { user, system } = process.cpuUsage(start);
      const tookMs = (user + system) / 1000;
      if (tookMs > LONGEST_MS) throw new Error(`took ${Math.round(tookMs)} ms`);
    }),
    { numRuns: RUNS },
  );
}
