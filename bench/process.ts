// Runs whole processes, and reports how they ended and how long they took. Separate runs measure CPU time and memory.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Command {
  program: string;
  args: string[];
  env: Record<string, string>;
}

export interface Ended {
  exitCode: number | null;
  wallMs: number;
  /** Standard output and standard error. */
  output: string;
}

export interface Usage {
  wallMs: number;
  /** User and system time. */
  cpuMs: number;
  peakKib: number;
}

const PRELOAD = fileURLToPath(new URL('usage-preload.cjs', import.meta.url));
const GNU_TIME = '/usr/bin/time';

/** Runs a command and keeps its output. Doesn't measure CPU time and memory, because that would slow it down. */
export async function runProcess({ program, args, env }: Command): Promise<Ended> {
  const path = { PATH: process.env.PATH ?? '' };
  const began = performance.now();
  const child = spawn(program, args, { env: { ...path, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let wallMs = 0;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  child.on('exit', () => {
    wallMs = performance.now() - began;
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { exitCode, wallMs, output };
}

/** Like {@link runProcess}, but throws if the command fails. */
export async function runGreen(command: Command): Promise<Ended> {
  const ended = await runProcess(command);
  if (ended.exitCode === 0) return ended;
  throw new Error(
    `${command.program} ${command.args.join(' ')} ended with exit code ${ended.exitCode}:\n${ended.output}`,
  );
}

/**
 * Runs a command and measures its CPU time and memory. Node reports them itself; GNU time measures other programs.
 * @returns undefined without GNU time
 */
export async function measureUsage(command: Command): Promise<Usage | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const file = join(folder, 'usage');
  try {
    if (command.program === process.execPath) {
      const args = ['--require', PRELOAD, ...command.args];
      const { wallMs } = await runGreen({ ...command, args, env: { ...command.env, USAGE_FILE: file } });
      return { wallMs, ...(JSON.parse(readFileSync(file, 'utf8')) as Omit<Usage, 'wallMs'>) };
    }
    if (!existsSync(GNU_TIME)) return undefined;
    const args = ['-q', '-o', file, '-f', '%U %S %M', command.program, ...command.args];
    const { wallMs } = await runGreen({ ...command, program: GNU_TIME, args });
    const [user = 0, system = 0, peakKib = 0] = readFileSync(file, 'utf8').trim().split(' ').map(Number);
    return { wallMs, cpuMs: (user + system) * 1000, peakKib };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
