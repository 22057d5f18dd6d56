import { concatMap, EMPTY, Observable } from 'rxjs';
import { gpuRankingPlacement } from '../actors/placements/gpu/ranking-on-gpu.js';
import type { Placement, RankingPlacement } from '../actors/placements/placement.js';
import { threads } from '../actors/placements/threads/threads.js';
import { rankedBlocks, windowsFor } from '../actors/ranking-run.js';
import {
  aFunction,
  anIterable,
  anything,
  checkOptions,
  oneOf,
  type Rules,
} from '../src/check-options.js';
import { InvalidOptionError } from '../src/errors.js';
import { FactorModel } from '../src/model/factor-model.js';
import { recommendAllRules } from '../src/model/ranking/item-filter.js';
import { checkRankingOnGpu } from '../src/model/ranking/rank-on-gpu.js';
import type {
  GpuRankingOptions,
  RecommendAllOptions,
  UserRecommendations,
} from '../src/model/recommender.js';
import type { Stage } from './stage.js';

/** Options of the lists, and where they are computed. */
export interface RecommendAllStageOptions extends RecommendAllOptions, GpuRankingOptions {
  /** Default `threads()`: a worker thread for each core. */
  readonly placement?: Placement | undefined;
  /**
   * What computes: `gpu` is this process's GPU, with lists of at most 2,048 items. If it fails,
   * `onFault` is called and WASM goes on where `placement` says. Default `wasm`.
   */
  readonly kernel?: 'wasm' | 'gpu' | undefined;
}

const rules: Rules<keyof RecommendAllStageOptions> = {
  ...recommendAllRules,
  // Ids are checked against a model, so wrong ones are errors of the stream.
  users: anything,
  allow: anything,
  deny: anything,
  placement: {
    expected: 'inProcess() or threads(n)',
    accepts: (value) => typeof (value as Partial<Placement> | null)?.openRanking === 'function',
  },
  kernel: oneOf('wasm', 'gpu'),
  gpu: anything,
  onFault: aFunction,
};

/**
 * The lists of all users, or those of `users`, in their order: exactly what the model's `recommend`
 * gives for each. Takes models, or the events of training and of stages after it, of which it uses
 * the finished model and drops the others.
 *
 *     models           --m|
 *     recommendAll()   ----(abc)(def)(gh)|     lists come in blocks of users
 *
 *     events           --s-p-p-i-f|
 *     recommendAll()   --------------(abc)(def)(gh)|
 *
 * Cold. Unsubscribing stops it within some milliseconds and leaves no thread behind. Errors of the
 * source pass through; an unknown user, an id of the wrong type or a GPU that is not there is an error
 * of the stream. Wrong options throw `InvalidOptionError` at once.
 * Memory does not grow with the number of users.
 */
export function recommendAll(
  options: RecommendAllStageOptions = {},
): Stage<'recommendAll', FactorModel | { readonly type: string }, UserRecommendations> {
  checkOptions({ of: 'recommendAll' }, options, rules);
  const { placement = threads(), kernel = 'wasm', gpu, onFault, ...rest } = options;
  if (kernel === 'gpu') checkRankingOnGpu(rest.count ?? 10, gpu);
  const onGpu = kernel === 'gpu';
  const where = () => (onGpu ? gpuRankingPlacement(placement, { gpu, onFault }) : placement);
  // Read once: they may be generators, and every subscription reads them again.
  const { users, allow, deny } = rest;
  const wanted = { ...rest, users: listed(users), allow: listed(allow), deny: listed(deny) };

  return concatMap((input) => {
    if (input instanceof FactorModel) return listsOf(input, wanted, where(), onGpu);
    if (input.type !== 'finished') return EMPTY;
    if (!('model' in input && input.model instanceof FactorModel)) {
      const message =
        'found no model in finished; expected one; try train(…) before recommendAll(…)';
      throw new InvalidOptionError('recommendAll', message);
    }
    return listsOf(input.model, wanted, where(), onGpu);
  });
}

function listsOf(
  model: FactorModel,
  options: RecommendAllOptions,
  placement: RankingPlacement,
  onGpu: boolean,
): Observable<UserRecommendations> {
  // Not composed from operators: unsubscribing has to reach the job's stop flag.
  return new Observable((subscriber) => {
    const room = { slots: placement.slots, windows: windowsFor(placement), onGpu };
    const job = model.prepareRanking(options, room);
    const deliver = async (): Promise<void> => {
      for await (const block of rankedBlocks(job, placement)) {
        for (const lists of block) {
          subscriber.next(lists);
          if (subscriber.closed) return;
        }
      }
      subscriber.complete();
    };
    deliver().catch((error) => subscriber.error(error));
    return () => job.stop();
  });
}

/** A copy, so that it can be read again. Anything else is refused later. */
function listed<Item>(items: Iterable<Item> | undefined): Iterable<Item> | undefined {
  return items !== undefined && anIterable('ids').accepts(items) ? [...items] : items;
}
