import type { DescribedRatings } from '../ratings/described-ratings.js';
import { isDescribed } from '../ratings/described-ratings.js';
import type { Ratings } from '../ratings/ratings.js';
import { entryCount } from '../ratings/sparse-rows.js';
import {
  type CheckedJobOptions,
  type LossSettings,
  lossOptions,
  type ResolvedJobOptions,
} from './options.js';

/** What settings are chosen from: known before training, wherever the ratings lie. */
export interface RatingsFacts {
  /** ≥ 1. */
  readonly users: number;
  /** ≥ 1. */
  readonly items: number;
  /** How many there are, ≥ 1. */
  readonly ratings: number;
  readonly meanRating: number;
}

/** Options without 'auto', and why they are what they are. */
export interface ChosenSettings {
  readonly options: ResolvedJobOptions;
  /** One sentence for people, without a full stop. */
  readonly reason: string;
}

/**
 * Puts numbers in the place of 'auto'. The same facts and options give the same numbers.
 *
 * Implicit feedback, with d the share of cells that are rated, and M = √(users·items):
 *
 *     objective                  ials, every rated cell alike
 *     unobservedWeight           α₀ = 15·d, at least 0.01 and at most 0.3
 *     regularization             λ = 0.022·√α₀·min(1, √(64/n)), n = d·M
 *     regularizationExponent     ν = 1: a row of average length has λ·(d + α₀)·M
 *     alpha                      0
 *
 * Where options are given, the others follow: what a rated cell weighs to the rest, and what the
 * average row is regularized by in proportion to it, stay as above. So a given `alpha` multiplies α₀ and
 * λ's share by c = 1 + alpha·(mean rating), and `objective` 'confidence', which has α₀ = 1 and ν = 0, gets
 * an `alpha` that makes c = 1 + 1/α₀. Explicit feedback gets ALS-WR's λ = 0.1 and ν = 1.
 *
 * The numbers are fitted to ratings of six kinds; docs/implicit-objectives.md has what they reach.
 */
export function chooseSettings(options: CheckedJobOptions, facts: RatingsFacts): ChosenSettings {
  const open = lossOptions.filter((name) => options[name] === 'auto');
  const isExplicit = options.feedback === 'explicit';
  const chosen = isExplicit ? chooseExplicit(options) : chooseImplicit(options, facts);
  const settings: LossSettings = { ...chosen, ...givenOf(options) };
  return { options: { ...options, ...settings }, reason: reasonFor(options, open, facts) };
}

/** The facts of ratings, loaded or only described. */
export function factsOf(ratings: Ratings | DescribedRatings): RatingsFacts {
  const count = entryCount(ratings.byUser);
  return {
    users: ratings.byUser.rowCount,
    items: ratings.byItem.rowCount,
    ratings: count,
    meanRating: meanRatingOf(ratings),
  };
}

/** Mean of the ratings, summed in the order of `byUser`. */
export function meanRatingOf(ratings: Ratings | DescribedRatings): number {
  if (isDescribed(ratings)) return ratings.described.mean;
  const { ratings: all } = ratings.byUser;
  let sum = 0;
  for (let at = 0; at < all.length; at++) sum += all[at]!;
  return sum / entryCount(ratings.byUser);
}

function givenOf(options: CheckedJobOptions): Partial<LossSettings> {
  const given = lossOptions.filter((name) => options[name] !== 'auto');
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}

/** ALS-WR's (Zhou et al. 2008), with biases or without. */
function chooseExplicit({ objective }: CheckedJobOptions): LossSettings {
  return {
    objective: objective === 'auto' ? 'confidence' : objective,
    alpha: 0,
    unobservedWeight: 0,
    regularization: 0.1,
    regularizationExponent: 1,
  };
}

function chooseImplicit(options: CheckedJobOptions, facts: RatingsFacts): LossSettings {
  const density = facts.ratings / (facts.users * facts.items);
  const scale = Math.sqrt(facts.users * facts.items);
  // What all cells weigh where a rated one weighs 1 more.
  const background = backgroundWeight(density);
  const objective = orElse(options.objective, 'ials');
  const isIals = objective === 'ials';
  const mean = facts.meanRating > 0 ? facts.meanRating : 1;

  const alpha = orElse(options.alpha, isIals ? 0 : asShown(1 / (background * mean)));
  const confidence = 1 + alpha * facts.meanRating;
  const unobservedWeight = orElse(
    options.unobservedWeight,
    isIals ? asShown(background * confidence) : 1,
  );
  const exponent = orElse(options.regularizationExponent, isIals ? 1 : 0);
  const wanted =
    confidence * rowRegularization(background, density * scale) * (density + background);
  const ofRow = (density + (isIals ? unobservedWeight : 0)) * scale;
  const regularization = orElse(
    options.regularization,
    asShown((wanted * scale) / ofRow ** exponent),
  );
  return { objective, alpha, unobservedWeight, regularization, regularizationExponent: exponent };
}

/** α₀ where a rated cell weighs 1, by the share of cells that are rated. */
function backgroundWeight(density: number): number {
  return asShown(Math.min(0.3, Math.max(0.01, 15 * density)));
}

/** Ratings of rows that are regularized no less than shorter ones. */
const longRow = 64;

/** λ₁: less for long rows, of so many ratings on average, which fit less of what is chance. */
function rowRegularization(background: number, ratingsOfRow: number): number {
  const length = Math.min(1, Math.sqrt(longRow / ratingsOfRow));
  return 0.022 * Math.sqrt(background) * length;
}

function orElse<Value>(given: Value | 'auto', chosen: Value): Value {
  return given === 'auto' ? chosen : given;
}

/** Three digits, so that the printed value is the one that is used. */
function asShown(value: number): number {
  return Number(value.toPrecision(3));
}

function reasonFor(
  { feedback }: CheckedJobOptions,
  open: readonly string[],
  { users, items, ratings }: RatingsFacts,
): string {
  const given = lossOptions.filter((name) => !open.includes(name));
  if (open.length === 0) return 'all of it is given';
  if (feedback === 'explicit') return `${open.join(' and ')} as in ALS-WR`;
  const share = ((100 * ratings) / (users * items)).toPrecision(2);
  return (
    `chosen for ${Number(share)} % of the cells being rated` +
    (given.length > 0 ? `, and for the given ${given.join(', ')}` : '')
  );
}
