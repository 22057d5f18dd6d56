import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { PeerCommand, PeerReply } from './peer-program.js';

const program = new URL('./peer-program.js', import.meta.url);

/** A process at the other end of a road, on this machine. */
export interface Peer {
  readonly name: string;
  /** Lets it do something; rejects with its error. */
  ask(command: PeerCommand): Promise<{ readonly cpuSeconds: number }>;
  stop(): Promise<void>;
}

/** Starts a process that obeys. */
export function startPeer(name: string): Peer {
  const child = fork(program, { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const exit = once(child, 'exit');
  const ended = exit.then(() => {
    throw new Error(`the process at the other end of the road has ended; expected it to stay`);
  });
  ended.catch(() => {});
  return {
    name,
    async ask(command) {
      const reply = once(child, 'message').then(([message]) => message as PeerReply);
      child.send(command);
      const answer = await Promise.race([reply, ended]);
      if (answer.type === 'failed') throw new Error(answer.message);
      return answer;
    },
    async stop() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/**
 * Seconds that the NATS servers of this machine have computed so far; undefined if there is none, or the
 * system does not tell.
 */
export function serverSeconds(): number | undefined {
  let sum: number | undefined;
  try {
    for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      const stat = processStat(pid);
      if (!stat.includes('(nats-server)')) continue;
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // User and system time, in hundredths.
      sum = (sum ?? 0) + (Number(fields[11]) + Number(fields[12])) / 100;
    }
  } catch {
    return undefined;
  }
  return sum;
}

function processStat(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It has just ended.
    return '';
  }
}
