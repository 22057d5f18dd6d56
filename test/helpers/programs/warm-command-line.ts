/**
 * Runs commands in turn in one process, which then has loaded and compiled what they share: each
 * takes a tenth of what a process of its own takes. They see arguments, a working directory and an
 * environment of their own, and print into strings.
 */

import { guardOutput } from '../../../src/cli/guard-output.js';
import { runCommand } from '../../../src/cli/run-command.js';
import type { CommandResult } from './command-line.js';

/** What the process is told to run. */
export interface WarmCommand {
  readonly args: readonly string[];
  /** Name of the command line's program, as `process.argv` has it. */
  readonly main: string;
  readonly cwd: string;
  /** Beside this process's own. */
  readonly env: Readonly<Record<string, string>>;
}

const streams = ['stdout', 'stderr'] as const;
const printed = { stdout: '', stderr: '' };
for (const name of streams) {
  process[name].write = ((text: string | Uint8Array, ...rest: unknown[]) => {
    printed[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
    const done = rest.at(-1);
    if (typeof done === 'function') process.nextTick(done);
    return true;
  }) as NodeJS.WriteStream['write'];
  guardOutput(process[name]);
}

process.on('message', async ({ args, main, cwd, env }: WarmCommand) => {
  const before = { ...process.env };
  process.chdir(cwd);
  Object.assign(process.env, env);
  process.argv = [process.execPath, main, ...args];
  const status = await runCommand(args);
  for (const name of Object.keys(env)) delete process.env[name];
  Object.assign(process.env, before);
  // What a command leaves behind for the rest of its process.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
  for (const name of streams) process[name].removeAllListeners('error');
  const result: CommandResult = { status, ...printed };
  for (const name of streams) printed[name] = '';
  process.send!(result);
});
