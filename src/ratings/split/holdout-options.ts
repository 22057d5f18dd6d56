/** A share of each user's ratings at random. Also what `holdout()` does without options. */
export interface FractionHoldout {
  /**
   * Share of each user's n ratings to withhold, 0 < fraction < 1: round(n · fraction) of them, never
   * all. Default 0.1.
   */
  readonly fraction?: number | undefined;
  /** An integer from 0 to 2³² − 1. Default 42. */
  readonly seed?: number | undefined;
}

/** The latest ratings of each user. */
export interface LastHoldout {
  /** How many of each user's ratings to withhold, an integer ≥ 1; at least one stays. */
  readonly last: number;
}

/** As many ratings of each user at random. */
export interface PerUserHoldout {
  /** How many of each user's ratings to withhold, an integer ≥ 1; at least one stays. */
  readonly perUser: number;
  /** An integer from 0 to 2³² − 1. Default 42. */
  readonly seed?: number | undefined;
}

/** Whole users, which training does not see; measures how well a model serves new users. */
export interface UsersHoldout {
  /**
   * How many users to withhold, of those with two ratings or more: a share of them between 0 and 1,
   * both excluded, or a count, an integer ≥ 1.
   */
  readonly users: number;
  /**
   * Share of a withheld user's ratings that fold-in may see, 0 < visible < 1; at least one is
   * visible and one hidden. Default 0.8.
   */
  readonly visible?: number | undefined;
  /** An integer from 0 to 2³² − 1. Default 42. */
  readonly seed?: number | undefined;
}

/** All ratings of a moment or later, by all users. */
export interface AfterHoldout {
  /** A date, compared with Unix seconds, or a number in the unit of the timestamps. */
  readonly after: Date | number;
}

type OptionNames = {
  readonly [Name in
    | keyof FractionHoldout
    | keyof LastHoldout
    | keyof PerUserHoldout
    | keyof UsersHoldout
    | keyof AfterHoldout]?: undefined;
};

/** The options of one way, and none of another's. */
type Only<Options> = Options & Omit<OptionNames, keyof Options>;

/** What to withhold: one of five ways, whose options do not mix. */
export type HoldoutOptions =
  | Only<FractionHoldout>
  | Only<LastHoldout>
  | Only<PerUserHoldout>
  | Only<UsersHoldout>
  | Only<AfterHoldout>;
