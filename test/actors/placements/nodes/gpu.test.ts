import test from 'ava';
import { of, tap } from 'rxjs';
import { inProcess } from '../../../../actors/placements/in-process.js';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import type { WorkerEvent } from '../../../../actors/placements/nodes/worker/worker-options.js';
import type { FaultReport } from '../../../../actors/run-event.js';
import { type TrainingOptions, train } from '../../../../dataflow/training/train.js';
import type { TrainingEvent } from '../../../../dataflow/training/training-event.js';
import { KernelUnavailableError } from '../../../../src/errors.js';
import { openGpu } from '../../../../src/kernels/gpu/device/open-gpu.js';
import { randomRatings } from '../../../helpers/builders/jobs.js';
import { anyGpu } from '../../../helpers/builders/software-gpu.js';
import { eventsOf, factorsOfRun } from '../../../helpers/probes/events.js';
import { hasNatsServer, natsServer, natsTest, workerHere } from '../../../helpers/programs/nats.js';

/** A test that needs a GPU, or a driver that computes on the processor, and `nats-server`. */
const gpuTest = anyGpu && hasNatsServer ? natsTest : test.serial.skip;

const ratings = randomRatings({ users: 60, items: 40, density: 0.2 });
const gpu = { software: true } as const;
const options = { rank: 6, iterations: 3, blocks: 5, kernel: 'gpu', gpu } as const;

function trained(more: TrainingOptions, onEvent: (event: TrainingEvent) => void = () => {}) {
  return eventsOf(of(ratings).pipe(train({ ...options, ...more }), tap(onEvent)));
}

function faultsOf(events: readonly TrainingEvent[]): FaultReport[] {
  return events.flatMap((event) => (event.type === 'fault' ? [event] : []));
}

gpuTest("kernel 'gpu' on nodes uses those that have one, to the same bits", async (t) => {
  const { url: servers } = await natsServer(t);
  await workerHere(t, { servers, name: 'able', gpu });
  await workerHere(t, { servers, name: 'plain', kernels: ['wasm-simd128'] });

  const events = await trained({ placement: nodes({ servers, workers: 1 }) });

  t.like(events[0], { kernel: 'gpu-wgsl', kernelReason: '1 of 2 workers have a GPU' });
  t.deepEqual(factorsOfRun(events), factorsOfRun(await trained({ placement: inProcess() })));
  t.deepEqual(
    faultsOf(events).map(({ component, message, action }) => ({ component, message, action })),
    [
      {
        component: 'node',
        message: 'cannot run kernel gpu-wgsl, only wasm-simd128',
        action: 'leave-out',
      },
    ],
  );
  const phases = events.flatMap((event) => (event.type === 'phase' ? [event] : []));
  t.true(
    phases.every(({ uploadedBytes, readBackBytes }) => uploadedBytes > 0 && readBackBytes > 0),
  );
});

gpuTest('two nodes with a GPU give the model of one', async (t) => {
  const { url: servers } = await natsServer(t);
  await workerHere(t, { servers, name: 'one', gpu });
  await workerHere(t, { servers, name: 'two', gpu });

  const events = await trained({ placement: nodes({ servers, workers: 2 }) });

  t.like(events[0], { kernelReason: 'all workers have a GPU' });
  t.deepEqual(factorsOfRun(events), factorsOfRun(await trained({ placement: inProcess() })));
});

gpuTest('a node whose GPU is lost goes on with WASM, and tells', async (t) => {
  const { url: servers } = await natsServer(t);
  const reported: WorkerEvent[] = [];
  const onEvent = (event: WorkerEvent) => reported.push(event);
  await workerHere(t, { servers, name: 'unlucky', gpu, onEvent });
  const { device } = await openGpu(gpu);

  const events = await trained({ placement: nodes({ servers }) }, (event) => {
    if (event.type === 'iteration' && event.iteration === 1) device.destroy();
  });

  t.is(events.at(-1)!.type, 'finished');
  const faults = faultsOf(events);
  t.is(faults.length, 1);
  t.like(faults[0], { component: 'kernel', action: 'use-wasm', iteration: 1 });
  t.regex(faults[0]!.message, /^unlucky: .*lost/);
  t.is(reported.filter(({ type }) => type === 'fault').length, 1);
});

natsTest("kernel 'gpu' on nodes without any is refused, with what they run", async (t) => {
  const { url: servers } = await natsServer(t);
  await workerHere(t, { servers, name: 'plain', kernels: ['wasm-simd128'] });

  const error = await t.throwsAsync(trained({ placement: nodes({ servers }) }), {
    instanceOf: KernelUnavailableError,
  });

  t.regex(error!.message, /no worker with kernel gpu-wgsl, but wasm-simd128; expected a GPU/);
});
