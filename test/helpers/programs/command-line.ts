import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TaskQueue } from '../../../src/task-queue.js';

export const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Beside this process's own. */
  readonly env?: Record<string, string>;
  /** What comes on standard input; nothing by default. */
  readonly input?: string | Uint8Array;
  /** Called once, with the first output on stdout. */
  readonly onFirstOutput?: (command: { interrupt(): void; stopReading(): void }) => void;
  /** Interrupts the command when stdout holds this text. */
  readonly interruptAt?: string;
  /** The signals that interrupt it, one after the other. Default Ctrl-C's. */
  readonly interruptBy?: readonly NodeJS.Signals[];
}

/** The tests of a file start at once; so many processes would only take turns. */
const commands = new TaskQueue<CommandResult>({ workers: 4 });

/**
 * Runs the built command line in a process of its own, without a terminal. At most four run at
 * once, so a command must not wait for a later one.
 */
export function seesaw(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return commands.add(() => run(args, options));
}

function run(
  args: readonly string[],
  { cwd, env, input, onFirstOutput, interruptAt, interruptBy = ['SIGINT'] }: CommandOptions,
): Promise<CommandResult> {
  const child = spawn(process.execPath, [main, ...args], {
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...env },
    stdio: 'pipe',
  });
  // A command may end before it has read all.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  let stdout = '';
  let stderr = '';
  child.stdout.once('data', () =>
    onFirstOutput?.({
      interrupt: () => child.kill('SIGINT'),
      stopReading: () => child.stdout.destroy(),
    }),
  );
  child.stdout.on('data', (text) => {
    const isNew = interruptAt !== undefined && !stdout.includes(interruptAt);
    stdout += text;
    if (isNew && stdout.includes(interruptAt)) {
      for (const signal of interruptBy) child.kill(signal);
    }
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

/** What a command with `--json` has printed, an object a line. */
export function eventsOn(stdout: string) {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** A folder of its own, removed when `remove` is called. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'seesaw-cli-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * Writes ratings.csv and movies.csv: users 1 to 24 and items 101 to 116 of two kinds. Users with an
 * odd number rate odd items, all but one or two of them, the others even ones.
 */
export function writeTwoTastes(folder: string): string {
  const ratings = ['userId,movieId,rating'];
  for (let user = 1; user <= 24; user++) {
    for (let item = 101; item <= 116; item++) {
      const isOfOwnKind = user % 2 === item % 2;
      const isLeftOut = item === 101 + (user % 16) || item === 101 + ((3 * user) % 16);
      if (isOfOwnKind && !isLeftOut) ratings.push(`${user},${item},${1 + ((user + item) % 5)}`);
    }
  }
  const titles = Array.from({ length: 16 }, (_, n) => `${101 + n},Film number ${101 + n}`);
  const file = join(folder, 'ratings.csv');
  writeFileSync(file, `${ratings.join('\n')}\n`);
  writeFileSync(join(folder, 'movies.csv'), `movieId,title\n${titles.join('\n')}\n`);
  return file;
}
