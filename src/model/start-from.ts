import { InvalidOptionError } from '../errors.js';
import { refuseTwin } from '../ratings/id-twin.js';
import type { RatingsOutline, Side } from '../ratings/ratings.js';
import { fillWithRandom } from '../training/initial-factors.js';
import type { CheckedJobOptions, InitialFactors } from '../training/options.js';
import type { TrainingSettings } from '../training/training-settings.js';
import { FactorModel } from './factor-model.js';

/**
 * Throws `InvalidOptionError` unless training with these options can start from the model: its rank
 * and the presence of biases match the options, and `nonnegative` has no negative factors.
 */
export function checkInitialModel(model: FactorModel, options: CheckedJobOptions): void {
  const refuse = (found: string, expected: string): never => {
    throw new InvalidOptionError('initialModel', `found ${found}; expected ${expected}`);
  };
  const { rank, biases, nonnegative, initialFactors, start } = options;
  if (!(model instanceof FactorModel))
    throw new InvalidOptionError('initialModel', model, 'a FactorModel');
  if (initialFactors !== undefined) refuse('initialModel beside initialFactors', 'one of the two');
  if (start === 'sketch') refuse("initialModel beside start: 'sketch'", 'one of the two');
  if (model.rank !== rank) {
    refuse(`a model of rank ${model.rank}`, `rank ${rank}; try rank: ${model.rank}`);
  }
  if (model.settings.biases !== biases) {
    const [found, expected] = biases ? ['without', 'with'] : ['with', 'without'];
    refuse(`a model ${found} biases`, `one ${expected}; try biases: ${!biases}`);
  }
  if (nonnegative && !model.settings.nonnegative) {
    refuse('a model with factors of both signs', 'one trained with nonnegative: true');
  }
}

/**
 * Starting factors of training from a model: users and items that the model knows by their id start
 * from its rows. All others, and those whose rows are zero, start as they would without the model.
 * Throws `InvalidIdError` for an id that differs from one of the model in its type only.
 */
export function startFrom(
  model: FactorModel,
  ratings: RatingsOutline,
  settings: Pick<TrainingSettings, 'row' | 'start'>,
): InitialFactors {
  const [user, item] = (['user', 'item'] as const).map((side) =>
    startOfSide(side, model, ratings, settings),
  );
  return {
    userFactors: user!.factors,
    itemFactors: item!.factors,
    ...(settings.row.biases && { userBiases: user!.biases, itemBiases: item!.biases }),
  };
}

/** Rows in the order of the ratings' ids. */
function startOfSide(
  side: Side,
  model: FactorModel,
  ratings: RatingsOutline,
  { row, start }: Pick<TrainingSettings, 'row' | 'start'>,
): { readonly factors: Float32Array; readonly biases: Float32Array } {
  const { rank } = row;
  const { ids } = side === 'user' ? ratings.users : ratings.items;
  const modelIds = model.idsOf(side);
  const factors = new Float32Array(ids.size * rank);
  const biases = new Float32Array(ids.size);
  const positions = Uint32Array.from({ length: ids.size }, (_, position) => position);
  fillWithRandom({ elements: factors, rank, stride: rank }, positions, side, start);
  for (let position = 0; position < ids.size; position++) {
    const known = model.rowOf(side, ids.at(position));
    if (known === undefined) {
      refuseTwin(side, ids.at(position), modelIds, 'in the ratings, beside initialModel');
      continue;
    }
    biases[position] = known.bias;
    // A row of zeros has learnt nothing, and never learns if its neighbours are zero too.
    if (known.factors.some((element) => element !== 0)) {
      factors.set(known.factors, position * rank);
    }
  }
  return { factors, biases };
}
