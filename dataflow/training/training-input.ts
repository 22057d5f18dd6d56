import type { DescribedRatings } from '../../src/ratings/described-ratings.js';
import type { Id } from '../../src/ratings/id-vocabulary.js';
import type { Ratings, SplitLeftOut } from '../../src/ratings/ratings.js';
import type { TrainingSettings } from '../../src/training/training-settings.js';
import type { ResolvedControl } from './training-control.js';

/** What is trained on, and how. */
export interface TrainingInput {
  readonly ratings: Ratings | DescribedRatings;
  readonly test: Ratings | undefined;
  /** Set where whole users are withheld. */
  readonly foldIn: Ratings | undefined;
  readonly leftOut: SplitLeftOut | undefined;
  /** What the users of `test` are trained on, where `ratings` are only described. */
  readonly seen: Ratings | undefined;
  readonly settings: TrainingSettings;
  /** Why the options that weigh the loss are what they are. */
  readonly settingsReason: string;
  readonly control: ResolvedControl;
  /** Of items by id, for every model of the run. */
  readonly titles: ReadonlyMap<Id, string> | undefined;
}

/** Ratings to validate against. Users who are withheld as a whole have no factors yet. */
export function validationOf({
  test,
  foldIn,
}: Pick<TrainingInput, 'test' | 'foldIn'>): Ratings | undefined {
  return foldIn === undefined ? test : undefined;
}
