import { Arena } from '../arena.js';
import { describeNumber } from '../describe-number.js';
import { describe, InvalidRatingError } from '../errors.js';
import { buildRatings } from './build-ratings.js';
import { checkRating, checkRow, checkTimestamp } from './check-entry.js';
import type { RatingRow } from './from-rows.js';
import { GrowingIds } from './growing-ids.js';
import type { Ratings } from './ratings.js';

/** Something a user did with an item, once. */
export interface Interaction extends RatingRow {
  /** Its kind, such as view, cart or purchase; `weights` says how much each counts. */
  readonly event?: string | undefined;
  /** When: Unix seconds or a date, at most a day from now. Left out: now. */
  readonly timestamp?: number | Date | undefined;
}

/** What counts in a log, and how much. */
export interface LogSettings {
  /** Weight of each kind of event; undefined: all kinds count alike. */
  readonly weights: ReadonlyMap<string, number> | undefined;
  /** Only so many latest arrivals count. */
  readonly windowCount: number;
  /** Only what happened within so many seconds before now counts. */
  readonly windowSeconds: number;
  /** After so many seconds an interaction counts half. Infinity: always whole. */
  readonly halfLifeSeconds: number;
}

/**
 * Interactions that arrive one by one, and the ratings that they make:
 *
 *     r_ui = Σ weight(event) · rating · 2^(−age / halfLife)   over the interactions of u with i
 *
 * Users and items always keep the positions of their first arrival. If they have nothing in the
 * window any more, they are rows without ratings. Without a window interactions of a pair are kept
 * as one, so memory grows with the pairs and not with the interactions.
 */
export class InteractionLog {
  readonly #settings: LogSettings;
  readonly #userIds = new GrowingIds('user');
  readonly #itemIds = new GrowingIds('item');
  #arrived = 0;
  /** Length of the log that triggers the next removal of entries outside the window. */
  #forgetAt = 1024;
  /* One element each an interaction or merged pair, in order of arrival. */
  readonly #users: number[] = [];
  readonly #items: number[] = [];
  readonly #values: number[] = [];
  /** Since when, in Unix seconds, its value halves. */
  readonly #since: number[] = [];
  readonly #times: number[] = [];

  constructor(settings: LogSettings) {
    this.#settings = settings;
  }

  /**
   * Adds an interaction that arrives at `now`, in Unix seconds; one of weight 0 only makes its user
   * and item known. Throws `InvalidIdError` or `InvalidRatingError`, and adds nothing then.
   *
   * @returns how many have arrived
   */
  add(interaction: Interaction, now: number): number {
    const entry = this.#arrived;
    checkRow(interaction, entry, '{ user, item, rating?, event?, timestamp? }');
    const { user, item, rating = 1, event, timestamp } = interaction;
    const weight = this.#weightOf(event, entry);
    checkRating(rating, entry);
    const value = rating * weight;
    if (!Number.isFinite(Math.fround(value))) {
      throw new InvalidRatingError(
        `rating ${describe(rating)} of weight ${weight} at entry ${entry}`,
        'a product that float32 can hold',
        'try a smaller weight',
      );
    }
    const time = timestamp === undefined ? now : momentOf(timestamp, entry, now);
    const userPosition = this.#userIds.add(user, entry);
    const itemPosition = this.#itemIds.add(item, entry);
    this.#arrived++;
    if (value === 0) return this.#arrived;
    this.#users.push(userPosition);
    this.#items.push(itemPosition);
    this.#values.push(value);
    this.#since.push(time);
    this.#times.push(time);
    if (this.#times.length >= this.#forgetAt) this.#forget(now);
    return this.#arrived;
  }

  /**
   * What the log makes at `now`, in Unix seconds, in its own arena, which is garbage as soon as the
   * ratings are. Timestamps are those of the latest interaction of a pair.
   * Throws `InvalidRatingError` if a sum exceeds float32, or `MemoryLimitError`.
   */
  ratings(now: number): Ratings {
    this.#forget(now);
    const count = this.#users.length;
    const arena = new Arena();
    const [users, items] = [arena.uint32(count), arena.uint32(count)];
    const ratings = arena.float32(count);
    const timestamps = arena.float64(count);
    users.set(this.#users);
    items.set(this.#items);
    timestamps.set(this.#times);
    for (let at = 0; at < count; at++) ratings[at] = this.#valueOf(at, now);
    const [userIds, itemIds] = [this.#userIds.vocabulary(), this.#itemIds.vocabulary()];
    const made = buildRatings({
      arena,
      users,
      items,
      ratings,
      timestamps,
      userIds,
      itemIds,
      duplicates: 'sum',
    });
    if (this.#isUnlimited() && made.duplicates.count > 0) this.#adopt(made, now);
    return made;
  }

  #weightOf(event: string | undefined, entry: number): number {
    const { weights } = this.#settings;
    if (weights === undefined || event === undefined) return 1;
    const weight = weights.get(event);
    if (weight !== undefined) return weight;
    throw new InvalidRatingError(
      `event ${describe(event)} at entry ${entry}`,
      `one of ${[...weights.keys()].map(describe).join(', ')}`,
      'try adding it to weights, with 0 to leave it out',
    );
  }

  #valueOf(at: number, now: number): number {
    const age = Math.max(0, now - this.#since[at]!);
    return this.#values[at]! * 2 ** (-age / this.#settings.halfLifeSeconds);
  }

  #isUnlimited(): boolean {
    const { windowCount, windowSeconds } = this.#settings;
    return windowCount === Number.POSITIVE_INFINITY && windowSeconds === Number.POSITIVE_INFINITY;
  }

  /** Drops what has left the window, or has decayed to nothing in float32. */
  #forget(now: number): void {
    const { windowCount, windowSeconds } = this.#settings;
    const first = Math.max(0, this.#users.length - windowCount);
    let to = 0;
    for (let at = first; at < this.#users.length; at++) {
      if (now - this.#times[at]! > windowSeconds) continue;
      if (Math.fround(this.#valueOf(at, now)) === 0) continue;
      for (const column of this.#columns()) column[to] = column[at]!;
      to++;
    }
    for (const column of this.#columns()) column.length = to;
    this.#forgetAt = Math.max(1024, 2 * to);
  }

  /** Takes merged ratings in the place of the interactions that they were made of. */
  #adopt({ byUser, users, items, timestamps }: Ratings, now: number): void {
    for (let row = 0, at = 0; row < byUser.rowCount; row++) {
      for (; at < byUser.offsets[row + 1]!; at++) {
        this.#users[at] = users.positions[row]!;
        this.#items[at] = items.positions[byUser.columns[at]!]!;
        this.#values[at] = byUser.ratings[at]!;
        this.#since[at] = now;
        this.#times[at] = timestamps![at]!;
      }
    }
    for (const column of this.#columns()) column.length = byUser.columns.length;
  }

  #columns(): readonly number[][] {
    return [this.#users, this.#items, this.#values, this.#since, this.#times];
  }
}

/** Wrong clocks and mixed-up time zones differ by less. */
const maxAheadSeconds = 86_400;

/** Unix seconds. Throws `InvalidRatingError`, also for a moment that no interaction can be of. */
function momentOf(timestamp: number | Date, entry: number, now: number): number {
  const time = checkTimestamp(timestamp, entry);
  const latest = now + maxAheadSeconds;
  if (time <= latest && time > Number.NEGATIVE_INFINITY) return time;
  const unit = [1e3, 1e6, 1e9].find((unit) => time / unit <= latest);
  throw new InvalidRatingError(
    `timestamp ${describeNumber(timestamp)} at entry ${entry}`,
    `Unix seconds or a date, at most a day after now, ${now}`,
    unit === undefined || timestamp instanceof Date || time < 0
      ? 'check the clock, or try leaving it out, which means now'
      : `try timestamp / ${unit} or a Date`,
  );
}
