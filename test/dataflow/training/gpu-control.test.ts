import { BehaviorSubject, of, takeWhile, tap } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import type { Placement } from '../../../actors/placements/placement.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { type TrainingOptions, train } from '../../../dataflow/training/train.js';
import { openGpu } from '../../../src/kernels/gpu/device/open-gpu.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { testOnGpu } from '../../helpers/builders/software-gpu.js';
import { errorsOfRun, eventsOf, factorsOfRun } from '../../helpers/probes/events.js';

for (const program of ['wgsl', 'gpu.js'] as const) {
  const gpu = { software: true, program };
  const options = { rank: 6, iterations: 4, blocks: 5, kernel: 'gpu', gpu } as const;
  const events$ = (more: TrainingOptions) => {
    const ratings = randomRatings({ users: 60, items: 50, density: 0.2 });
    return of(ratings).pipe(train({ ...options, placement: inProcess(), ...more }));
  };

  testOnGpu(
    `${program}: a run that goes on from a checkpoint ends with the same bits`,
    async (t) => {
      const path = await scratchFolder(t);
      const whole = await eventsOf(events$({}));
      await eventsOf(
        events$({ checkpoint: { path } }).pipe(
          takeWhile((event) => event.type !== 'checkpoint' || event.iteration < 2),
        ),
      );

      const resumed = await eventsOf(events$({ resume: path }));

      t.like(resumed[0], { type: 'started', resumed: { iteration: 2 } });
      t.deepEqual(factorsOfRun(resumed), factorsOfRun(whole));
      t.deepEqual(errorsOfRun(resumed), errorsOfRun(whole).slice(2));
    },
  );

  testOnGpu(`${program}: a run that moves ends with the same bits`, async (t) => {
    const placement = new BehaviorSubject<Placement>(inProcess());

    const moved = await eventsOf(
      events$({ placement }).pipe(
        tap((event) => {
          if (event.type === 'iteration' && event.iteration === 2) placement.next(threads(1));
        }),
      ),
    );

    t.is(moved.filter(({ type }) => type === 'moved').length, 1);
    t.false(moved.some(({ type }) => type === 'fault'));
    t.deepEqual(factorsOfRun(moved), factorsOfRun(await eventsOf(events$({}))));
  });

  testOnGpu(`${program}: after a loss the next training has a GPU again`, async (t) => {
    const { device } = await openGpu(gpu);
    const first = await eventsOf(
      events$({}).pipe(
        tap((event) => {
          if (event.type === 'iteration' && event.iteration === 1) device.destroy();
        }),
      ),
    );

    const second = await eventsOf(events$({}));

    t.is(first.filter(({ type }) => type === 'fault').length, 1);
    t.false(second.some(({ type }) => type === 'fault'));
    t.like(second[0], { kernel: first[0]!.type === 'started' && first[0]!.kernel });
  });
}
