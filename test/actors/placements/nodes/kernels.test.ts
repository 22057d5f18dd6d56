import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import test from 'ava';
import { of } from 'rxjs';
import { inProcess } from '../../../../actors/placements/in-process.js';
import { JobConnections } from '../../../../actors/placements/nodes/cluster/job-connections.js';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import {
  encode,
  type Hello,
  protocolVersion,
  subjects,
} from '../../../../actors/placements/nodes/protocol/messages.js';
import { newKeyPair } from '../../../../actors/placements/nodes/seal/agree-on-key.js';
import type { Bus } from '../../../../actors/placements/nodes/transport/bus.js';
import { openBus } from '../../../../actors/placements/nodes/transport/nats.js';
import { startWorker } from '../../../../actors/placements/nodes/worker/start-worker.js';
import type { ExecutorFault, Placement } from '../../../../actors/placements/placement.js';
import { train } from '../../../../dataflow/training/train.js';
import { InvalidOptionError, PlacementError, StoppedError } from '../../../../src/errors.js';
import type { KernelName } from '../../../../src/kernels/kernel-names.js';
import { shapeOf } from '../../../../src/kernels/lay-out-job.js';
import { chooseKernel } from '../../../../src/kernels/select/choose-kernel.js';
import { kernelsHere, selectKernel } from '../../../../src/kernels/select/select-kernel.js';
import { fastestBuild } from '../../../../src/kernels/wasm/wasm-binary.js';
import { packageVersion } from '../../../../src/version.js';
import { openJob, randomRatings } from '../../../helpers/builders/jobs.js';
import { askToJoin, firstHello } from '../../../helpers/fakes/hand-made-supervisor.js';
import { eventsOf, factorsOfRun } from '../../../helpers/probes/events.js';
import { runToEnd } from '../../../helpers/probes/runs.js';
import { hasNatsServer, natsServer, natsTest, workerHere } from '../../../helpers/programs/nats.js';

const ratings = randomRatings({ users: 40, items: 30, density: 0.2 });

natsTest('workers of different machines get the fastest kernel that all run', async (t) => {
  const { url: servers } = await natsServer(t);
  await sayHello(t, servers, { name: 'young', kernels: ['wasm-relaxed-simd', 'wasm-simd128'] });
  await sayHello(t, servers, { name: 'old', kernels: ['wasm-simd128', 'reference'] });

  const looking = new AbortController();
  const places = await nodes({ servers, workers: 2 }).kernels!(looking.signal);
  looking.abort();
  const { kernel, reason } = await selectKernel({ wanted: 'auto', places });

  t.is(kernel.name, 'wasm-simd128');
  t.is(reason, 'the fastest that all 2 workers run; 1 of them could run wasm-relaxed-simd');
});

const relaxedTest = hasNatsServer && fastestBuild() === 'relaxed-simd' ? natsTest : test.skip;

relaxedTest('a worker without relaxed SIMD beside one with it: one build for both', async (t) => {
  const { url: servers } = await natsServer(t);
  await workerHere(t, { servers, name: 'young' });
  await workerHere(t, { servers, name: 'old', kernels: ['wasm-simd128'] });
  const options = { rank: 8, iterations: 2, blocks: 4 };

  const placement = nodes({ servers, workers: 2 });
  const events = await eventsOf(of(ratings).pipe(train({ ...options, placement })));
  const alike = { ...inProcess(), kernels: async () => [['wasm-simd128'] as const] };
  const expected = await eventsOf(of(ratings).pipe(train({ ...options, placement: alike })));

  t.like(events[0], {
    kernel: 'wasm-simd128',
    kernelReason: 'the fastest that all 2 workers run; 1 of them could run wasm-relaxed-simd',
  });
  t.deepEqual(factorsOfRun(events), factorsOfRun(expected));
});

natsTest('nodes that could run a faster build run the pinned one, to the same bits', async (t) => {
  const { url: servers } = await natsServer(t);
  await workerHere(t, { servers });
  const options = { rank: 8, iterations: 2, blocks: 4, kernel: 'wasm-simd128' } as const;

  const onNodes = await eventsOf(
    of(ratings).pipe(train({ ...options, placement: nodes({ servers }) })),
  );
  const here = await eventsOf(of(ratings).pipe(train({ ...options, placement: inProcess() })));

  for (const [started] of [onNodes, here]) {
    t.like(started, { kernel: 'wasm-simd128', kernelReason: 'asked for' });
  }
  t.deepEqual(factorsOfRun(onNodes), factorsOfRun(here));
});

natsTest('a worker that comes later and lacks the kernel is not used, and reported', async (t) => {
  const { url: servers } = await natsServer(t);
  await workerHere(t, { servers, name: 'able' });
  const options = { rank: 4, iterations: 3, blocks: 4 };
  const late = async () => {
    await workerHere(t, { servers, name: 'late', kernels: ['reference'] });
  };
  const expected = await runToEnd(ratings, options, inProcess());

  const placement = whenSecondBegins(nodes({ servers }), late);
  const { events, factors, error } = await runToEnd(ratings, options, placement);

  t.is(error, undefined);
  t.deepEqual(
    events.filter((event) => event.type === 'fault'),
    [
      {
        type: 'fault',
        component: 'node',
        iteration: 2,
        node: 'late',
        message: `cannot run kernel ${kernelsHere()[0]}, only reference`,
        action: 'leave-out',
      },
    ],
  );
  t.deepEqual(placesOf(events), ['able']);
  t.deepEqual(factors, expected.factors);
});

natsTest('a worker of another version is not used, and both versions are named', async (t) => {
  const { url: servers } = await natsServer(t);
  await sayHello(t, servers, { name: 'ancient', version: '0.0.1' });
  await sayHello(t, servers, { name: 'newer', protocol: protocolVersion + 1 });

  const error = await t.throwsAsync(
    nodes({ servers, deadline: 3 }).kernels!(new AbortController().signal),
    {
      instanceOf: PlacementError,
    },
  );

  t.true(error!.message.includes(`ancient (version 0.0.1, not ${packageVersion})`));
  t.true(
    error!.message.includes(`newer (protocol ${protocolVersion + 1}, not ${protocolVersion})`),
  );
  t.regex(error!.message, /expected 1 worker; try 'seesaw worker --servers/);
});

natsTest('a worker refuses a supervisor of another version, and names both', async (t) => {
  const { url: servers } = await natsServer(t);
  const answer = await answerToJoin(t, servers, {}, { version: '9.9.9' });

  t.is(answer.type, 'refused');
  t.true('reason' in answer && answer.reason.includes(packageVersion));
  t.true('reason' in answer && answer.reason.includes('9.9.9'));
});

natsTest('a worker refuses a kernel that it may not run', async (t) => {
  const { url: servers } = await natsServer(t);
  const answer = await answerToJoin(t, servers, { kernels: ['reference'] }, {});

  t.is(answer.type, 'refused');
  t.true('reason' in answer && answer.reason.includes(`cannot run kernel ${kernelsHere()[0]}`));
});

natsTest('who counts workers can be stopped', async (t) => {
  const { url: servers } = await natsServer(t);
  const stopping = new AbortController();

  const counting = nodes({ servers, workers: 2 }).kernels!(stopping.signal);
  stopping.abort();

  await t.throwsAsync(counting, { instanceOf: StoppedError });
});

natsTest('a training connects once, to look for workers and to run on them', async (t) => {
  const { url } = await natsServer(t);
  await workerHere(t, { servers: url, name: 'sole' });
  let connections = 0;
  const relay = createServer((from) => {
    connections += 1;
    const to = connect(Number(new URL(url).port), '127.0.0.1');
    from.pipe(to).on('error', () => {});
    to.pipe(from).on('error', () => {});
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  t.teardown(() => relay.close());
  const servers = `nats://127.0.0.1:${(relay.address() as AddressInfo).port}`;

  const placement = nodes({ servers });
  const options = { rank: 4, iterations: 1, placement };
  await eventsOf(of(ratings, ratings).pipe(train(options)));

  t.is(connections, 2, 'one for each of two trainings');
});

natsTest('a connection that no job takes is closed with its signal', async (t) => {
  const { url: servers } = await natsServer(t);
  await workerHere(t, { servers, name: 'sole' });
  const signal = new AbortController();
  const connections = new JobConnections({ options: { servers }, prefix: 'job', deadline: 5 });
  const connection = await connections.connect();
  connections.keep(connection, signal.signal);

  signal.abort();
  await connection.bus.closed;
  const other = await connections.take();
  await other.bus.close();

  t.not(other, connection);
});

for (const [what, kernels] of [
  ['no kernel', []],
  ['an unknown kernel', ['wasm']],
  ['a text', 'reference'],
] as const) {
  test(`a worker with ${what} is refused`, async (t) => {
    const servers = 'nats://127.0.0.1:4222';
    const error = await t.throwsAsync(startWorker({ servers, kernels: kernels as never }), {
      instanceOf: InvalidOptionError,
    });
    t.true(error!.message.includes(kernelsHere().join(', ')));
  });
}

/** What a worker would say of itself, without being one. */
async function sayHello(
  t: Parameters<typeof natsServer>[0],
  servers: string,
  more: Partial<Hello> & { readonly name: string },
): Promise<void> {
  const bus = await openBus({ servers }, 'test');
  const hello: Hello = {
    type: 'hello',
    protocol: protocolVersion,
    version: packageVersion,
    worker: `${more.name}-1`,
    key: newKeyPair().publicKey,
    threads: 1,
    memory: 1e9,
    kernels: kernelsHere(),
    jobs: '*',
    hasData: false,
    busy: 0,
    ...more,
  };
  const beat = () => bus.publish(subjects.hello(hello.worker), encode(hello));
  const heart = setInterval(beat, 100);
  t.teardown(() => {
    clearInterval(heart);
    return bus.close();
  });
}

/** What a real worker answers to a request to join a job. */
async function answerToJoin(
  t: Parameters<typeof natsServer>[0],
  servers: string,
  options: { readonly kernels?: readonly KernelName[] },
  more: object,
) {
  const bus: Bus = await openBus({ servers }, 'test');
  t.teardown(() => bus.close());
  const hello = firstHello(bus);
  await workerHere(t, { servers, ...options });
  const { job } = openJob(chooseKernel('auto'), ratings, { rank: 2 });
  const join = { version: packageVersion, shape: shapeOf(job.layout), ...more };
  return askToJoin(bus, await hello, join);
}

/** A placement that waits, before the second iteration, until a fault has been reported. */
function whenSecondBegins(placement: Placement, act: () => Promise<void>): Placement {
  return {
    ...placement,
    async open(job, onFault) {
      let report = (_: ExecutorFault): void => {};
      const fault = new Promise<ExecutorFault>((resolve) => {
        report = resolve;
      });
      const placed = await placement.open(job, (found) => {
        report(found);
        onFault?.(found);
      });
      return {
        solve: (task) => placed.solve(task),
        close: () => placed.close(),
        async broadcast(phase) {
          if (phase.iteration === 2 && phase.side === 'user') {
            await act();
            await fault;
          }
          return placed.broadcast(phase);
        },
      };
    },
  };
}

function placesOf(events: Awaited<ReturnType<typeof runToEnd>>['events']): string[] {
  const phases = events.filter((event) => event.type === 'phase');
  const places = phases.flatMap(({ blocks }) => blocks.map(({ ranOn }) => ranOn.split(',')[0]!));
  return [...new Set(places)];
}
