import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** A NATS server and workers on this machine, in processes of their own. */
export interface PrivateCluster {
  /** Address of the server. */
  readonly servers: string;
  /** CPU seconds so far, by what the process is: `nats-server`, `node`. Linux only, else empty. */
  cpuSeconds(): Record<string, number>;
  /** Highest resident memory so far of the worker that had most. Linux only, else 0. */
  peakBytes(): number;
  stop(): Promise<void>;
}

/** Starts `seesaw cluster` and waits until its workers are ready. */
export async function startCluster(
  workers: number,
  threads = 1,
  flags: readonly string[] = [],
): Promise<PrivateCluster> {
  const own = ['--workers', `${workers}`, '--threads', `${threads}`, '--json'];
  const args = ['cluster', ...own, ...flags];
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let servers = '';
  let ready = 0;
  await Promise.race([
    new Promise<void>((resolve) => {
      createInterface(child.stdout).on('line', (line) => {
        const said = JSON.parse(line);
        if (said.type === 'server') servers = said.servers;
        if (said.type === 'ready' && ++ready === workers) resolve();
      });
    }),
    ended.then(() => {
      throw new Error('seesaw cluster ended; expected it to stay; try it by hand');
    }),
  ]);
  return {
    servers,
    cpuSeconds: () => cpuOfChildren(child),
    peakBytes: () => peakOfChildren(child),
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

function cpuOfChildren(parent: ChildProcess): Record<string, number> {
  const spent: Record<string, number> = {};
  for (const { command, fields } of childrenOf(parent)) {
    // User and system time, in hundredths.
    const seconds = (Number(fields[11]) + Number(fields[12])) / 100;
    spent[command] = (spent[command] ?? 0) + seconds;
  }
  return spent;
}

function peakOfChildren(parent: ChildProcess): number {
  const peaks = childrenOf(parent)
    .filter(({ command }) => command === 'node')
    .map(({ pid }) => /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')));
  return 1024 * Math.max(0, ...peaks.map((peak) => Number(peak?.[1] ?? 0)));
}

/** Child processes with the fields of their `/proc/<pid>/stat` from the state on: S ppid …. */
function childrenOf({ pid: parent }: ChildProcess) {
  const children: { pid: string; command: string; fields: string[] }[] = [];
  try {
    for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const command = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      if (Number(fields[1]) === parent) children.push({ pid, command, fields });
    }
  } catch {
    // A process that has just ended, or another system.
  }
  return children;
}
