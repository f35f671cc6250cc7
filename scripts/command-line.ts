// The command line of every script: `--help` prints the help, and a wrong option prints a sentence and the help.

import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;
type Given<O extends Options> = Omit<ReturnType<typeof parseArgs<{ options: O }>>, 'positionals'> & {
  positionals: string[];
};

/** An invalid command line. The message is a sentence. */
export class UsageError extends Error {}

/**
 * Reads the command line of this process and runs the script.
 * @param positionals whether there are arguments other than options
 */
export async function commandLine<O extends Options>(
  help: string,
  { options, positionals = false }: { options: O; positionals?: boolean },
  carryOut: (given: Given<O>) => void | Promise<void>,
): Promise<void> {
  let given: Given<O>;
  try {
    given = parseArgs({
      args: withLists(process.argv.slice(2)),
      options: { ...options, help: { type: 'boolean' } },
      allowPositionals: positionals,
    }) as unknown as Given<O>;
  } catch (error) {
    return refuse(error as Error, help);
  }
  if ((given.values as { help?: boolean }).help) {
    process.stdout.write(help);
    return;
  }
  try {
    await carryOut(given);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    refuse(error, help);
  }
}

/** Joins YAML lists to their options, because Node takes a value that begins with a dash only as `--option=value`. */
function withLists(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const option = joined.at(-1);
    if (/^-\s/.test(arg) && option?.startsWith('--')) joined[joined.length - 1] = `${option}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

function refuse({ message }: Error, help: string): void {
  // Drop the rest of Node's message, which is about arguments that begin with a dash.
  const [sentence = ''] = message.split('. To specify');
  process.stderr.write(`${sentence}\n\n${help}`);
  process.exitCode = 1;
}
