import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

/** A NATS server and workers on this machine, in processes of their own. */
export interface PrivateCluster {
  /** Address of the server. */
  readonly servers: string;
  /** CPU seconds so far, by what the process is: `nats-server`, `node`. Linux only, else empty. */
  cpuSeconds(): Record<string, number>;
  stop(): Promise<void>;
}

/** Starts `seesaw cluster` and waits until its workers are ready. */
export async function startCluster(workers: number, threads = 1): Promise<PrivateCluster> {
  const args = ['cluster', '--workers', `${workers}`, '--threads', `${threads}`, '--json'];
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
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

function cpuOfChildren({ pid }: ChildProcess): Record<string, number> {
  const spent: Record<string, number> = {};
  try {
    for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // 123 (node) S ppid …, with user and system time as fields 14 and 15, in hundredths.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(fields[1]) !== pid) continue;
      const command = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      const seconds = (Number(fields[11]) + Number(fields[12])) / 100;
      spent[command] = (spent[command] ?? 0) + seconds;
    }
  } catch {
    // A process that has just ended, or another system.
  }
  return spent;
}
