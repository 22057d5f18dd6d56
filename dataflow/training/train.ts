import { concatMap } from 'rxjs';
import { anything, checkOptions, type Rules } from '../../src/check-options.js';
import { InvalidOptionError } from '../../src/errors.js';
import type { FactorModel } from '../../src/model/factor-model.js';
import { copyTitles, type ItemTitles, titlesOf } from '../../src/model/item-titles.js';
import { checkInitialModel, startFrom } from '../../src/model/start-from.js';
import {
  type DescribedRatings,
  type DescribedSplit,
  isDescribed,
} from '../../src/ratings/described-ratings.js';
import type { Ratings, RatingsSplit } from '../../src/ratings/ratings.js';
import { isRatings, isSplit } from '../../src/ratings/some-ratings.js';
import { leaveOutSeen } from '../../src/ratings/split/leave-out-seen.js';
import { chooseSettings, factsOf } from '../../src/training/choose-settings.js';
import type { JobOptions } from '../../src/training/options.js';
import { checkJobOptions, jobRules } from '../../src/training/resolve-options.js';
import { trainingSettings } from '../../src/training/training-settings.js';
import type { Stage } from '../stage.js';
import { runTraining } from './run-training.js';
import { controlRules, resolveControl, type TrainingControl } from './training-control.js';
import type { TrainingEventOf } from './training-event.js';

/** Settings of a training run: the model's, and how the run is controlled. */
export type TrainingOptions = JobOptions &
  TrainingControl & {
    /**
     * A model to go on from: users and items that it knows by their id start from its rows, others as
     * they would. Its rank, and whether it has biases, must be those of these options; `model.settings`
     * has the options it was trained with. Not together with `initialFactors`.
     */
    readonly initialModel?: FactorModel | undefined;
    /**
     * Titles of items by id, kept with every model of the run; see `FactorModel.withTitles`. Default
     * those of `initialModel`.
     */
    readonly titles?: ItemTitles | undefined;
  };

/** What can be trained on. */
export type TrainingSource = Ratings | RatingsSplit | DescribedRatings | DescribedSplit;

type TrainOn = Omit<Partial<RatingsSplit>, 'train'> &
  Pick<Partial<DescribedSplit>, 'seen'> & { readonly train: Ratings | DescribedRatings };

/** What each option must be; those with parts are checked where they are resolved. */
export const trainRules: Rules<keyof TrainingOptions> = {
  ...jobRules,
  ...controlRules,
  initialModel: anything,
  titles: anything,
};

/**
 * Trains a model on every `Ratings` or split of the source, one after the other, and emits events
 * as they happen. With a split it trains on `train` and validates on `test`, unless whole users are
 * withheld, which only fold-in can serve. Described ratings (`readBy: 'workers'`) need a placement
 * that reads them: `nodes()`.
 *
 *     ratings   --r|
 *     train()   ----s-p-p-i-p-p-i-(f|)     started, phase, iteration, finished
 *
 * With options that are streams, here a pause and two placements:
 *
 *     pause     f------t------f            false, true, false
 *     placement a---b
 *     train()   -s-p-mp-i-------p-p-i-(f|) m: moved to b, before the next phase
 *
 * Cold: every subscription is its own run. Unsubscribing stops it within a block and leaves no
 * thread, timer or handle behind. Errors of the source pass through; an error of the run, or of a
 * stream among the options, comes after everything it used is closed. Completes when the source has
 * and the last run has finished.
 *
 * Options that are wrong throw `InvalidOptionError` at once, before anything is subscribed.
 *
 * @example
 * ```ts
 * fromFile('ratings.csv')
 *   .pipe(
 *     holdout({ fraction: 0.1, seed: 7 }),
 *     train({ rank: 64, placement: threads(2) }),
 *     evaluate({ k: 20 }),
 *   )
 *   .subscribe((event) => {
 *     if (event.type === 'iteration') console.log(event.iteration, event.validation?.['ndcg@20']);
 *     if (event.type === 'finished') console.log(event.model.recommend('ann', { count: 10 }));
 *   });
 * ```
 */
export function train<In extends TrainingSource = TrainingSource>(
  options: TrainingOptions = {},
): Stage<'train', In, TrainingEventOf<In>> {
  checkOptions({ of: 'train' }, options, trainRules);
  const { placement, pause, validationUsers, gpu, checkpoint, resume, ...others } = options;
  const { initialModel, titles, ...jobOptions } = others;
  const control = resolveControl({ placement, pause, validationUsers, gpu, checkpoint, resume });
  const checked = checkJobOptions({
    ...jobOptions,
    ...(initialModel && { start: jobOptions.start ?? 'random' }),
  });
  if (initialModel !== undefined) checkInitialModel(initialModel, checked);
  const known = titles === undefined ? initialModel?.titles : copyTitles(titles);

  return concatMap((input: TrainingSource) => {
    checkInput(input);
    const { train: ratings, test, foldIn, leftOut, seen } = splitOf(input);
    const chosen = chooseSettings(checked, factsOf(ratings));
    const settings = trainingSettings(chosen.options);
    const initialFactors = initialModel && startFrom(initialModel, ratings, settings);
    return runTraining({
      ...{ ratings, test, foldIn, leftOut, seen, control },
      settings: initialFactors
        ? { ...settings, start: { ...settings.start, initialFactors } }
        : settings,
      settingsReason: chosen.reason,
      titles: known && titlesOf(ratings.items.ids, known),
    });
  });
}

function splitOf(input: TrainingSource): TrainOn {
  if (!('train' in input)) return { train: input };
  // Of described ratings every pair is withheld or trained on.
  return 'seen' in input && isDescribed(input.train) ? input : leaveOutSeen(input as RatingsSplit);
}

/** Throws `InvalidOptionError` for rows or anything else that plain JavaScript lets through. */
function checkInput(input: unknown): void {
  if (isRatings(input) || isSplit(input)) return;
  throw new InvalidOptionError('source', input, 'ratings or a split; try fromRatings(rows)');
}
