import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';

/** Whether this process may make network namespaces, and links with a limited rate. */
export const hasNamespaces = canMakeNamespaces();

/** Hosts with an address each, all plugged into one switch, and nothing else of the machine. */
export interface Network {
  /** The address of a host. */
  address(host: string): string;
  /** Starts a program on a host; it is killed when the test ends. */
  run(host: string, command: string, args: readonly string[]): ChildProcess;
  /** Pulls a host's cable out, or plugs it in again, without a notice. */
  plug(host: string, isIn: boolean): void;
  /**
   * Limits what goes to a host and what comes from it, in Mbit/s.
   *
   * @returns tells how often something had to wait, in both directions
   */
  limit(host: string, rate: number): () => number;
}

/**
 * Network namespaces: one for each host and one for the switch, a bridge. They have names of their own,
 * and are removed when the test ends, and when its process does, however that ends.
 */
export function network(t: Pick<ExecutionContext, 'teardown'>, hosts: readonly string[]): Network {
  const id = `seesaw-${process.pid}-${randomBytes(3).toString('hex')}`;
  const space = (name: string) => `${id}-${name}`;
  const cleaner = startCleaner(['switch', ...hosts].map(space));
  t.teardown(async () => {
    cleaner.stdin!.end();
    await once(cleaner, 'exit');
  });
  const add = (name: string): string => {
    ip('netns', 'add', space(name));
    return space(name);
  };

  const hub = add('switch');
  ip('-n', hub, 'link', 'add', 'bridge', 'type', 'bridge');
  ip('-n', hub, 'link', 'set', 'bridge', 'up');
  const address = (host: string) => `10.0.0.${hosts.indexOf(host) + 1}`;
  for (const host of hosts) {
    const own = add(host);
    ip('link', 'add', 'eth0', 'netns', own, 'type', 'veth', 'peer', 'name', host, 'netns', hub);
    ip('-n', hub, 'link', 'set', host, 'master', 'bridge', 'up');
    ip('-n', own, 'address', 'add', `${address(host)}/24`, 'dev', 'eth0');
    for (const device of ['lo', 'eth0']) ip('-n', own, 'link', 'set', device, 'up');
  }
  return {
    address,
    run(host, command, args) {
      return spawn('ip', ['netns', 'exec', space(host), command, ...args], {
        stdio: ['pipe', 'pipe', 'pipe'],
      });
    },
    plug(host, isIn) {
      ip('-n', hub, 'link', 'set', host, isIn ? 'up' : 'down');
    },
    limit(host, rate) {
      const ends = [
        [hub, host],
        [space(host), 'eth0'],
      ] as const;
      for (const [where, device] of ends) {
        // A message of more than one packet has to wait, however long none was sent before it.
        const bucket = ['rate', `${rate}mbit`, 'burst', '2kb', 'latency', '200ms'];
        execFileSync('tc', ['-n', where, 'qdisc', 'add', 'dev', device, 'root', 'tbf', ...bucket]);
      }
      return () => ends.reduce((sum, [where, device]) => sum + waits(where, device), 0);
    },
  };
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}

/** How often a limited link was asked for more than it had. */
function waits(space: string, device: string): number {
  const args = ['-n', space, '-s', 'qdisc', 'show', 'dev', device];
  const found = /overlimits (\d+)/.exec(execFileSync('tc', args, { encoding: 'utf8' }));
  return Number(found![1]);
}

/**
 * A process that waits until its input ends, as it does when this process dies, and then kills what
 * runs in the namespaces and removes them.
 */
function startCleaner(spaces: readonly string[]): ChildProcess {
  const script = [
    'cat',
    'for name in "$@"; do kill -9 $(ip netns pids "$name"); done',
    'for name in "$@"; do ip netns delete "$name"; done',
  ].join('\n');
  return spawn('sh', ['-c', script, 'sh', ...spaces], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
}

function canMakeNamespaces(): boolean {
  if (process.getuid?.() !== 0 || spawnSync('tc', ['-V']).status !== 0) return false;
  const name = `seesaw-${process.pid}-probe`;
  const commands = [
    ['netns', 'add', name],
    ['-n', name, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1'],
    ['-n', name, 'link', 'add', 'bridge', 'type', 'bridge'],
  ];
  const works = commands.every((command) => spawnSync('ip', command).status === 0);
  const limit = ['-n', name, 'qdisc', 'add', 'dev', 'eth0', 'root', 'tbf'];
  const limits = spawnSync('tc', [...limit, 'rate', '1mbit', 'burst', '16kb', 'latency', '100ms']);
  spawnSync('ip', ['netns', 'delete', name]);
  return works && limits.status === 0;
}
