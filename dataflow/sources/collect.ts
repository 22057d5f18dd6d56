import {
  asyncScheduler,
  bufferCount,
  bufferTime,
  defer,
  filter,
  map,
  type Observable,
  type OperatorFunction,
  type SchedulerLike,
  takeLast,
} from 'rxjs';
import {
  aFunction,
  anything,
  checkOptions,
  checkValue,
  numberFrom,
  type Rule,
  type Rules,
} from '../../src/check-options.js';
import { InvalidOptionError } from '../../src/errors.js';
import { type Duration, secondsOf } from '../../src/ratings/duration.js';
import {
  type Interaction,
  InteractionLog,
  type LogSettings,
} from '../../src/ratings/interaction-log.js';
import type { Ratings } from '../../src/ratings/ratings.js';
import type { Stage } from '../stage.js';

/** Either so many interactions or so much time. */
export type Extent =
  | ({ readonly count: number } & { readonly [Name in keyof Duration]?: undefined })
  | (Duration & { readonly count?: undefined });

/** What `collect` makes of interactions, and when. */
export interface CollectOptions {
  /**
   * When to emit: whenever so many interactions have come, or so much time has passed in which any
   * came. Left out: once, when the source completes.
   */
  readonly every?: Extent | undefined;
  /**
   * What counts: so many latest arrivals, or what happened in so much time before now. Left out:
   * everything since the subscription.
   */
  readonly window?: Extent | undefined;
  /**
   * How much a kind of event counts, ≥ 0; 0 leaves it out. An event of another kind is an error, one
   * without kind counts 1. Left out: all count 1.
   */
  readonly weights?: Readonly<Record<string, number>> | undefined;
  /** After so much time an interaction counts half, after twice as much a quarter. */
  readonly halfLife?: Duration | undefined;
  /** Unix seconds. Default the scheduler's clock. */
  readonly now?: (() => number) | undefined;
  /** What times `every`. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

const weightsByEvent: Rule = {
  expected: 'an object such as { view: 1, purchase: 10 }',
  accepts: (value) => typeof value === 'object' && value !== null && !(value instanceof Map),
};

const aScheduler: Rule = {
  expected: 'a scheduler of RxJS',
  accepts: (value) => typeof (value as Partial<SchedulerLike> | null)?.schedule === 'function',
};

/** Extents and durations have checks of their own. */
const rules: Rules<keyof CollectOptions> = {
  every: anything,
  window: anything,
  weights: weightsByEvent,
  halfLife: anything,
  now: aFunction,
  scheduler: aScheduler,
};

/**
 * Gathers a stream of interactions into growing ratings, or into those of a sliding window.
 *
 *     interactions                        --a-b---c-a-d-|
 *     collect({ every: { count: 2 } })    ----r-----r---(r|)     r = all so far
 *     collect({ every: { seconds: 5 } })  -----r----r---(r|)     timer at 5, 10, …
 *     collect()                           --------------(r|)
 *
 * r_ui = Σ weight(event) · rating · 2^(−age / halfLife) over the interactions of a pair. Users and
 * items keep their positions in all emissions. Every `Ratings` is whole and has an arena of its
 * own, which is garbage when nothing refers to it: nothing has to be released. When training is
 * slower than the stream, choose by the operator around `train`: `exhaustMap` skips what comes
 * meanwhile, `switchMap` drops the run for what is newer, `concatMap` (as `train` itself does)
 * queues.
 *
 * Errors of the source pass through at once, and what was gathered since the last emission is not
 * emitted; a value that is not an interaction, or whose timestamp lies more than a day ahead, is an
 * error of the stream. A window without anything that counts is not emitted. When the source
 * completes, the rest is emitted, if any. Unsubscribing leaves the source and clears the timer.
 *
 * Throws `InvalidOptionError` at once for wrong options.
 */
export function collect(options: CollectOptions = {}): Stage<'collect', Interaction, Ratings> {
  checkOptions({ of: 'collect' }, options, rules);
  const { every, scheduler = asyncScheduler } = options;
  const now = options.now ?? (() => scheduler.now() / 1000);
  const settings = settingsOf(options);
  const gather = gatherEvery(every, scheduler);
  return (interactions: Observable<Interaction>) =>
    defer(() => {
      const log = new InteractionLog(settings);
      return interactions.pipe(
        map((interaction) => log.add(interaction, now())),
        gather,
        filter((added) => added.length > 0),
        map(() => log.ratings(now())),
        filter(({ byUser }) => byUser.columns.length > 0),
      );
    });
}

/** The interactions since the last time, by their number, whenever it is time. */
function gatherEvery(
  every: Extent | undefined,
  scheduler: SchedulerLike,
): OperatorFunction<number, readonly number[]> {
  if (every === undefined) {
    return (added) =>
      added.pipe(
        takeLast(1),
        map((last) => [last]),
      );
  }
  if (every?.count !== undefined) return bufferCount(countOf('every', every));
  return bufferTime(secondsOf('every', every) * 1000, scheduler);
}

function settingsOf({ window, weights, halfLife }: CollectOptions): LogSettings {
  const unlimited = Number.POSITIVE_INFINITY;
  const isCounted = window?.count !== undefined;
  return {
    weights: weights && new Map(Object.entries(weights).map(checkWeight)),
    windowCount: isCounted ? countOf('window', window) : unlimited,
    windowSeconds: window !== undefined && !isCounted ? secondsOf('window', window) : unlimited,
    halfLifeSeconds: halfLife !== undefined ? secondsOf('halfLife', halfLife) : unlimited,
  };
}

function countOf(option: string, extent: Extent): number {
  const { count, ...rest } = extent;
  const isAlone = Object.values(rest).every((value) => value === undefined);
  if (isAlone && Number.isSafeInteger(count) && count! >= 1) return count!;
  const name = `${option}.count`;
  const expected = 'an integer ≥ 1, or a time such as { minutes: 5 }';
  if (isAlone) throw new InvalidOptionError(name, count, expected);
  throw new InvalidOptionError(name, `found ${name} beside a time; expected ${expected}`);
}

function checkWeight([event, weight]: [string, number]): [string, number] {
  checkValue(`weights.${event}`, weight, numberFrom(0));
  return [event, weight];
}
