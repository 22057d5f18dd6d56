import type { Observable } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import type { Placement } from '../../../actors/placements/placement.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { fromFile } from '../../../dataflow/sources/from-file.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { type TrainingOptions, train } from '../../../dataflow/training/train.js';
import type { DescribedRatings } from '../../../src/ratings/described-ratings.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { testOnGpu } from '../../helpers/builders/software-gpu.js';
import { eventsOf, factorsOfRun } from '../../helpers/probes/events.js';

const path = 'examples/data/movielens-small/ratings.csv';
const where = 'userId <= 120';

/** A placement whose jobs are cut into parts. */
const inParts = (placement: Placement): Placement => ({
  ...placement,
  partBytes: 400_000 + 20_000 * placement.slots,
});

for (const program of ['wgsl', 'gpu.js'] as const) {
  /** A run of a job with withheld ratings. */
  const run = async (
    placement: Placement,
    more: TrainingOptions = {},
    source: Observable<Ratings | DescribedRatings> = fromFile(path, { where }),
  ) => {
    const events = await eventsOf(
      source.pipe(
        holdout<Ratings | DescribedRatings>({ fraction: 0.1, seed: 7 }),
        train({
          ...{ rank: 8, iterations: 4, blocks: 12, placement, kernel: 'gpu' },
          ...{ gpu: { program, software: true }, ...more },
        }),
      ),
    );
    const phases = events.flatMap((event) => (event.type === 'phase' ? [event] : []));
    return {
      factors: factorsOfRun(events),
      faults: events.filter(({ type }) => type === 'fault'),
      figures: events.flatMap((event) =>
        event.type === 'iteration' ? [event.loss, event.rmse, event.validation!.rmse] : [],
      ),
      copiedBytes: phases.map(({ broadcastBytes }) => broadcastBytes),
      ranOn: new Set(phases.flatMap(({ blocks }) => blocks.map(({ ranOn }) => ranOn))),
    };
  };

  for (const [name, more] of [
    ['implicit feedback', {}],
    ['explicit feedback with biases', { feedback: 'explicit', biases: true }],
    ['a start by a sketch', { start: 'sketch' }],
  ] as [string, TrainingOptions][]) {
    testOnGpu(
      `${program} trains a job in parts to the bits of one in one memory: ${name}`,
      async (t) => {
        const whole = await run(inProcess(), more);

        const parts = await run(inParts(inProcess()), more);

        t.deepEqual([whole.faults, parts.faults], [[], []]);
        t.true(whole.copiedBytes.every((bytes) => bytes === 0));
        t.true(parts.copiedBytes.every((bytes) => bytes > 0));
        t.deepEqual(parts.ranOn, whole.ranOn);
        t.deepEqual(parts.factors, whole.factors);
        t.deepEqual(parts.figures, whole.figures);
      },
    );
  }

  testOnGpu(`${program} trains parts that were read straight into their memories`, async (t) => {
    const whole = await run(inProcess());

    const parts = await run(inParts(threads(1)), {}, fromFile(path, { where, readBy: 'workers' }));

    t.deepEqual(parts.faults, []);
    t.true(parts.copiedBytes.every((bytes) => bytes > 0));
    t.deepEqual(parts.ranOn, whole.ranOn);
    t.deepEqual(parts.factors, whole.factors);
    t.deepEqual(parts.figures, whole.figures);
  });
}
