import { InvalidRatingError } from '../errors.js';

/** Unix seconds of 1990 and of 2040: times of interactions lie in between, in one unit. */
const firstSecond = Date.UTC(1990, 0) / 1000;
const lastSecond = Date.UTC(2040, 0) / 1000;

/**
 * Throws `InvalidRatingError` where some timestamps are times of 1990 to 2040 in seconds and others
 * in milliseconds, as in files of two origins: their order is then unknown.
 */
export function checkTimeUnit(timestamps: Float64Array): void {
  timeUnitCheck()(timestamps);
}

/** `checkTimeUnit` for timestamps that come in several lots. */
export function timeUnitCheck(): (timestamps: Float64Array) => void {
  let inSeconds: number | undefined;
  let inMilliseconds: number | undefined;
  return (timestamps) => {
    for (const time of timestamps) {
      if (time < firstSecond || time > lastSecond * 1000) continue;
      if (time <= lastSecond) inSeconds ??= time;
      else if (time >= firstSecond * 1000) inMilliseconds ??= time;
      if (inSeconds === undefined || inMilliseconds === undefined) continue;
      throw new InvalidRatingError(
        `timestamps ${inSeconds}, which are seconds, beside ${inMilliseconds}, which are milliseconds`,
        'one unit',
        'try timestamp / 1000 for those in milliseconds',
      );
    }
  };
}
