/*
 * Trains a model again, in a process of its own: what goes wrong here, or takes memory, leaves the
 * service alone. All its threads have the lowest priority.
 */
import { setPriority } from 'node:os';
import { asError } from '../../../actors/as-error.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { map } from '../../../dataflow/rxjs.js';
import { trainModel } from '../../../dataflow/training/train-model.js';
import { indexIfLarge } from '../../model/index-if-large.js';
import { loadModel } from '../../model/store/load-model.js';
import { readLog } from '../log/read-log.js';
import type { StoredInteraction } from '../user-interactions.js';
import type { RetrainReport, RetrainTask } from './retrain-task.js';
import { sourceOf } from './source-of.js';
import { withInteractions } from './with-interactions.js';

const lowestPriority = 19;

try {
  setPriority(lowestPriority);
} catch {
  // Where that is not allowed, training goes on as it is.
}
// The service has ended.
process.on('disconnect', () => process.exit(1));

try {
  // The service wrote it: see `retrain`.
  report(await retrain(JSON.parse(process.argv[2]!) as RetrainTask));
} catch (error) {
  report({ type: 'failed', message: asError(error).message });
}
process.disconnect?.();

async function retrain({ model: path, log, from }: RetrainTask): Promise<RetrainReport> {
  const startedAt = performance.now();
  const before = await loadModel(path);
  const interactions: StoredInteraction[] = [];
  for await (const each of log === undefined ? [] : readLog(log)) interactions.push(each);
  let ratingCount = 0;
  const ratings$ = (await sourceOf(from)).pipe(
    map((ratings) => {
      const joined = withInteractions(ratings, interactions);
      ratingCount = joined.byUser.columns.length;
      return joined;
    }),
  );
  const model = await trainModel(ratings$, {
    ...before.settings,
    titles: before.titles,
    placement: threads(),
  });
  // The service has no time for it.
  await indexIfLarge(model);
  await model.save(path);
  return {
    type: 'trained',
    ratings: ratingCount,
    interactions: interactions.length,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function report(ended: RetrainReport): void {
  process.send?.(ended);
}
