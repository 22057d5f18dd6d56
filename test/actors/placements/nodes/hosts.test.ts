import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { of } from 'rxjs';
import { inProcess } from '../../../../actors/placements/in-process.js';
import { train } from '../../../../dataflow/training/train.js';
import type { TrainingEvent } from '../../../../dataflow/training/training-event.js';
import {
  digestOfModel,
  distantJob,
  distantRatings,
} from '../../../helpers/builders/distant-job.js';
import { hasNamespaces, type Network, network } from '../../../helpers/builders/network.js';
import { scratchFolder } from '../../../helpers/builders/scratch-folder.js';
import { eventsOf, finishedOf } from '../../../helpers/probes/events.js';
import { hasNatsServer } from '../../../helpers/programs/nats.js';

/** Needs `nats-server`, root, and `ip` and `tc` of iproute2. */
const hostsTest = hasNatsServer && hasNamespaces ? test.serial : test.serial.skip;

const main = fileURLToPath(new URL('../../../../src/cli/main.js', import.meta.url));
const supervisor = fileURLToPath(
  new URL('../../../helpers/programs/distant-supervisor.js', import.meta.url),
);
const hosts = ['server', 'alpha', 'beta', 'chief'];

hostsTest('a host whose cable is pulled is missed, and works again once it is back', async (t) => {
  const net = network(t, hosts);
  const servers = await startHosts(t, net);
  const run = supervise(net, servers);

  await run.until((event) => isPhaseOn(event, 'alpha'));
  net.plug('alpha', false);
  // On a busy machine others may be slow, or be missed, meanwhile.
  await run.until((event) => isLoss(event, 'alpha'));
  await run.until((event) => event.type === 'iteration');
  net.plug('alpha', true);
  await run.until((event) => isPhaseOn(event, 'alpha'));
  const last = await run.stop();

  t.is(last.digest, await digestInProcess(last.iterations));
});

hostsTest('a host behind a slow line costs time only', async (t) => {
  const net = network(t, hosts);
  const servers = await startHosts(t, net);
  const waits = net.limit('beta', 1);
  const run = supervise(net, servers);

  // How slow the line is decides whether a block of beta's comes from there, or from where it was
  // solved meanwhile.
  await run.until((event) => event.type === 'iteration' && event.iteration >= 5);
  const last = await run.stop();

  t.true(waits() > 0);
  t.is(last.digest, await digestInProcess(last.iterations));
});

test('no namespace of a test is left', (t) => {
  if (!hasNamespaces) return t.pass();
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });

  t.false(stdout.includes(`seesaw-${process.pid}-`), stdout);
});

/** A server and two workers, each on its own host. */
async function startHosts(t: ExecutionContext, net: Network): Promise<string> {
  const listen = ['-a', net.address('server'), '-p', '4222'];
  const store = ['-js', '-sd', await scratchFolder(t)];
  const server = net.run('server', 'nats-server', [...listen, ...store]);
  await said(server.stderr, /Server is ready/);
  const servers = `nats://${net.address('server')}:4222`;
  for (const name of ['alpha', 'beta']) {
    const args = [main, 'worker', '--servers', servers, '--name', name, '--threads', '1'];
    const worker = net.run(name, process.execPath, args);
    worker.stderr!.pipe(process.stderr);
    await said(worker.stdout, /worker/);
  }
  return servers;
}

async function said(stream: ChildProcess['stdout'], words: RegExp): Promise<void> {
  for await (const line of createInterface(stream!)) {
    if (words.test(line)) break;
  }
  // No one reads the rest; it must not block the program.
  stream!.resume();
}

interface LastLine {
  readonly type: 'finished';
  readonly iterations: number;
  readonly digest: string;
}

function supervise(net: Network, servers: string) {
  const child = net.run('chief', process.execPath, [supervisor, servers]);
  child.stderr!.pipe(process.stderr);
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  const next = async (): Promise<TrainingEvent> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the supervisor has ended');
    return JSON.parse(value);
  };
  return {
    /** The next event that is as said. */
    async until(isIt: (event: TrainingEvent) => boolean): Promise<TrainingEvent> {
      for (;;) {
        const event = await next();
        if (isIt(event)) return event;
      }
    },
    /** Ends the run, and its process. */
    async stop(): Promise<LastLine> {
      const exit = once(child, 'exit');
      child.stdin!.write('stop\n');
      for (;;) {
        const event: TrainingEvent | LastLine = await next();
        if (event.type !== 'finished') continue;
        await exit;
        return event as unknown as LastLine;
      }
    },
  };
}

function isPhaseOn(event: TrainingEvent, host: string): boolean {
  return event.type === 'phase' && event.blocks.some(({ ranOn }) => ranOn.startsWith(`${host},`));
}

function isLoss(event: TrainingEvent, host: string): boolean {
  if (event.type !== 'fault' || event.component !== 'node') return false;
  return event.node === host && event.action === 'solve-elsewhere';
}

async function digestInProcess(iterations: number): Promise<string> {
  const options = { ...distantJob, iterations, placement: inProcess() };
  const events = await eventsOf(of(distantRatings()).pipe(train(options)));
  return digestOfModel(finishedOf(events).model);
}
