import { inProcess } from '../../../actors/placements/in-process.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { fromFile } from '../../../dataflow/sources/from-file.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { train } from '../../../dataflow/training/train.js';
import type { IterationEvent } from '../../../dataflow/training/training-event.js';
import { testOnGpu } from '../../helpers/builders/software-gpu.js';
import { eventsOf } from '../../helpers/probes/events.js';

const ratings = fromFile('examples/data/movielens-small/ratings.csv', { where: 'userId <= 120' });
/** Programs, and what their kernels are called. */
const programs = [
  ['wgsl', 'gpu-wgsl'],
  ['gpu.js', 'gpu-gpujs'],
] as const;

/** The events of a run on real ratings, by type. */
async function run(options: Parameters<typeof train>[0]) {
  const split = holdout({ fraction: 0.1, seed: 7 });
  const settings = { rank: 8, iterations: 3, regularization: 1, solver: 'cg' as const };
  const events = await eventsOf(ratings.pipe(split, train({ ...settings, ...options })));
  const started = events.find((event) => event.type === 'started')!;
  const phases = events.filter((event) => event.type === 'phase');
  const iterations = events.filter((event) => event.type === 'iteration');
  const faults = events.filter((event) => event.type === 'fault');
  const finished = events.find((event) => event.type === 'finished')!;
  return { started, phases, iterations, faults, model: finished.model };
}

const figures = ({ rmse, mae, loss, validation }: IterationEvent) => [
  rmse,
  mae,
  loss.total,
  validation!.rmse,
];

/**
 * Float32 on both sides. Three steps of conjugate gradient with biases and little regularization are
 * far from converged and carry rounding to 1e-4 (as WASM beside the reference does); implicit
 * feedback stays below 1e-5.
 */
const tolerance = 3e-4;

for (const [program, name] of programs) {
  const wanted = { kernel: 'gpu', gpu: { program, software: true } } as const;

  for (const feedback of ['implicit', 'explicit'] as const) {
    testOnGpu(`${program} trains on real ratings as WASM does, ${feedback} feedback`, async (t) => {
      const onGpu = await run({ feedback, placement: inProcess(), ...wanted });
      const onProcessor = await run({ feedback, placement: inProcess(), kernel: 'wasm' });

      t.is(onGpu.started.kernel, name);
      t.deepEqual(onGpu.faults, []);
      for (const [at, iteration] of onGpu.iterations.entries()) {
        const wanted = figures(onProcessor.iterations[at]!);
        for (const [i, figure] of figures(iteration).entries()) {
          t.true(Math.abs(figure / wanted[i]! - 1) <= tolerance, `${figure} of ${wanted[i]}`);
        }
      }
    });
  }

  testOnGpu(`${program} takes ratings once, and gives rows back every phase`, async (t) => {
    // Balancing gives the copies of factors up.
    const settings = { placement: inProcess(), balance: false, ...wanted };
    const { started, phases, model } = await run(settings);

    const stride = started.rank;
    const [first, second, ...later] = phases;
    t.true(first!.uploadedBytes! > 8 * started.ratings);
    t.true(second!.uploadedBytes! > 8 * started.ratings);
    for (const { uploadedBytes } of later) t.is(uploadedBytes, stride ** 2 * 4);
    for (const { side, readBackBytes } of phases) {
      const rows = side === 'user' ? model.userFactors.length : model.itemFactors.length;
      t.true(readBackBytes! > 4 * rows && readBackBytes! < 8 * rows + 32 * stride ** 2 * 4);
    }
  });

  testOnGpu(`${program} gives the same model in any placement`, async (t) => {
    const here = await run({ placement: inProcess(), ...wanted });
    const there = await run({ placement: threads(2), ...wanted });

    t.deepEqual(there.model.userFactors, here.model.userFactors);
    t.deepEqual(there.model.itemFactors, here.model.itemFactors);
  });
}
