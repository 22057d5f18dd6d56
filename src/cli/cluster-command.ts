import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { offeredMemory } from '../machine-memory.js';
import type { ClusterFlags } from './cluster-flags.js';
import { UsageError } from './exit-status.js';
import { interruptions } from './interruption.js';
import { jsonLine } from './json-line.js';
import { startPrivateServer } from './private-server.js';

const main = fileURLToPath(new URL('./main.js', import.meta.url));

/** Runs `seesaw cluster`. */
export async function runCluster(flags: ClusterFlags): Promise<void> {
  const { workers, threads, port, data = [], json } = flags;
  if (!Number.isInteger(workers) || workers < 1 || workers > 1024) {
    throw new UsageError(`found --workers ${workers}; expected an integer from 1 to 1024`);
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 1024)) {
    throw new UsageError(`found --threads ${threads}; expected an integer from 1 to 1024`);
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw new UsageError(`found --port ${port}; expected an integer from 1 to 65535`);
  }
  if (flags.memory !== undefined && flags.memory < 1) {
    throw new UsageError(`found --memory ${flags.memory}; expected a byte or more, such as 8GiB`);
  }
  const stopped = interruptions();
  const memory = Math.floor(flags.memory ?? offeredMemory(workers));
  const each = threads ?? Math.max(1, Math.floor(availableParallelism() / workers));
  const folder = await mkdtemp(join(tmpdir(), 'seesaw-cluster-'));
  const children: ChildProcess[] = [];
  try {
    const server = await startPrivateServer({ folder, ...(port !== undefined && { port }) });
    // A second Ctrl-C ends this process at once, and must not leave child processes.
    process.on('exit', () => {
      for (const child of [...children, server.process]) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });
    try {
      const { url } = server;
      if (json) process.stdout.write(jsonLine({ type: 'server', servers: url }));
      else process.stdout.write(`${introduction(url, workers)}\n`);
      for (let n = 1; n <= workers; n++) {
        const own = ['--name', `worker-${n}`, '--threads', `${each}`, '--memory', `${memory}`];
        const folders = data.flatMap((folder) => ['--data', folder]);
        children.push(startChild(`worker-${n}`, [...own, '--servers', url, ...folders], json));
      }
      const serverEnd = once(server.process, 'exit').then(() => 'server' as const);
      const stop = new Promise<'stopped'>((resolve) => {
        stopped.addEventListener('abort', () => resolve('stopped'));
        if (stopped.aborted) resolve('stopped');
      });
      const allGone = workersGone(children, (line) => {
        if (!stopped.aborted) process.stderr.write(`${line}\n`);
      });
      const end = await Promise.race([stop, serverEnd, allGone]);
      // Ctrl-C reaches the server as well.
      if (end === 'server' && !stopped.aborted)
        throw new Error('the NATS server ended; expected it to stay');
      if (end === 'workers' && !stopped.aborted)
        throw new Error('every worker ended; expected them to stay; try what they say above');
    } finally {
      await Promise.all(children.map(stopChild));
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function introduction(url: string, workers: number): string {
  return [
    `NATS server at ${url}, with ${workers} ${workers === 1 ? 'worker' : 'workers'}; Ctrl-C stops them. Train with`,
    `  seesaw train ratings.csv --servers ${url} --workers ${workers}`,
    `or, in a program, placement: nodes({ servers: '${url}', workers: ${workers} })`,
  ].join('\n');
}

/** A worker whose output is passed on. */
function startChild(name: string, flags: readonly string[], json = false): ChildProcess {
  const args = [main, 'worker', ...flags, ...(json ? ['--json'] : [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface(child.stdout!).on('line', (line) => {
    process.stdout.write(json ? `${line}\n` : `${name}: ${line}\n`);
  });
  return child;
}

/** Reports every worker that ends, and resolves when none is left. */
async function workersGone(
  children: readonly ChildProcess[],
  tell: (line: string) => void,
): Promise<'workers'> {
  let left = children.length;
  await Promise.all(
    children.map(async (child, n) => {
      const [status, signal] = await once(child, 'exit');
      left--;
      const how = signal === null ? `with status ${status}` : `by ${signal}`;
      tell(`worker-${n + 1} ended ${how}; ${left} of ${children.length} are left`);
    }),
  );
  return 'workers';
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exit;
  clearTimeout(late);
}
