// What every script of this project answers alike: `--help` with its help, a wrong option with a sentence and the help.

import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;
type Given<O extends Options> = Omit<ReturnType<typeof parseArgs<{ options: O }>>, 'positionals'> & {
  positionals: string[];
};

/** The command line cannot be carried out. The message is a sentence. */
export class UsageError extends Error {}

/**
 * Carries out the command line of this process.
 * @param positionals whether there are arguments beside the options
 */
export async function commandLine<O extends Options>(
  help: string,
  { options, positionals = false }: { options: O; positionals?: boolean },
  carryOut: (given: Given<O>) => void | Promise<void>,
): Promise<void> {
  let given: Given<O>;
  try {
    given = parseArgs({
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

function refuse({ message }: Error, help: string): void {
  // Node's own message goes on about arguments that begin with a dash.
  const [sentence = ''] = message.split('. To specify');
  process.stderr.write(`${sentence}\n\n${help}`);
  process.exitCode = 1;
}
