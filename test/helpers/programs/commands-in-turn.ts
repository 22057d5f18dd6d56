import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import { TaskQueue } from '../../../src/task-queue.js';
import { type CommandOptions, type CommandResult, main } from './command-line.js';
import type { WarmCommand } from './warm-command-line.js';

const program = new URL('./warm-command-line.js', import.meta.url);
const commands = new TaskQueue<CommandResult>({ workers: 1 });
let shared: { readonly process: ChildProcess; readonly ended: Promise<never> } | undefined;

/**
 * Runs a command without a terminal and without input, as `seesaw` of `command-line.ts` does, but
 * in turn with the others of its file in one process of theirs, in a tenth of the time. Where a
 * test is about signals, pipes or the end of a process, take that one.
 */
export function seesaw(
  args: readonly string[],
  { cwd = process.cwd(), env = {} }: Pick<CommandOptions, 'cwd' | 'env'> = {},
): Promise<CommandResult> {
  return commands.add(async () => {
    shared ??= start();
    const answer = once(shared.process, 'message');
    shared.process.send({ args, main, cwd, env } satisfies WarmCommand);
    const [result] = await Promise.race([answer, shared.ended]);
    return result as CommandResult;
  });
}

function start() {
  const process = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(process, 'exit').then(([status, signal]) => {
    throw new Error(`the process of the commands ended with ${status ?? signal}`);
  });
  // At the end of the file nothing waits for it.
  ended.catch(() => undefined);
  return { process, ended };
}

test.after.always(async () => {
  shared?.process.disconnect();
  await shared?.ended.catch(() => undefined);
});
