import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { startWorker } from '../../../actors/placements/nodes/worker/start-worker.js';
import type { Worker } from '../../../actors/placements/nodes/worker/worker.js';
import type { WorkerOptions } from '../../../actors/placements/nodes/worker/worker-options.js';
import { type PrivateServer, startPrivateServer } from '../../../src/cli/private-server.js';
import { scratchFolder } from '../builders/scratch-folder.js';

const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

/** What a test gives its helpers to clean up with. */
type Teardown = Pick<ExecutionContext, 'teardown'>;

/** Whether there is a NATS server to test against. */
export const hasNatsServer = spawnSync('nats-server', ['--version']).status === 0;

/** A test that needs `nats-server` on the PATH; it shows as skipped where there is none. */
export const natsTest = hasNatsServer ? test.serial : test.serial.skip;

/** A real server of this test alone, on a free port of the loopback interface. */
export async function natsServer(
  t: Teardown,
  config = '',
): Promise<PrivateServer & { readonly folder: string }> {
  const folder = await scratchFolder(t);
  const server = await startPrivateServer({ folder, config });
  t.teardown(() => server.stop());
  return { ...server, folder };
}

/** A worker in this process. */
export async function workerHere(t: Teardown, options: WorkerOptions): Promise<Worker> {
  const worker = await startWorker({ threads: 1, ...options });
  t.teardown(() => worker.stop());
  return worker;
}

/** A `seesaw worker` in a process of its own, once it is ready. */
export async function workerProcess(
  t: Teardown,
  servers: string,
  name: string,
  ...flags: readonly string[]
): Promise<ChildProcess> {
  const own = ['--name', name, '--threads', '1', '--json', ...flags];
  const args = ['worker', '--servers', servers, ...own];
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit').then(() => {
    throw new Error(`worker ${name} ended before it was ready`);
  });
  await Promise.race([once(createInterface(child.stdout!), 'line'), ended]);
  return child;
}

/** Kills a server, and starts it again in the same place when `again` has resolved. */
export async function restartServer(
  t: Teardown,
  { url, process, folder }: PrivateServer & { readonly folder: string },
  again: Promise<unknown> = Promise.resolve(),
): Promise<void> {
  const exit = once(process, 'exit');
  process.kill('SIGKILL');
  await exit;
  await again;
  const second = await startPrivateServer({ folder, port: Number(new URL(url).port) });
  t.teardown(() => second.stop());
}
