import { InvalidArgumentError } from 'commander';
import {
  type Distribution,
  integers,
  logUniform,
  uniform,
} from '../../dataflow/search/distributions.js';
import { parseNumber, parseNumbers } from './parse-number.js';

/** Numbers from `low` to `high`, low < high. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
}

/** Values to try of an option: a list, or a range. */
export type TriedValues = readonly number[] | NumberRange;

/** Reads `64`, `32,64` or `1..100`. Throws `InvalidArgumentError`, which says what there is. */
export function parseTried(text: string): TriedValues {
  const [first, second, ...rest] = text.split('..');
  if (second === undefined) return [...new Set(parseNumbers(text))];
  const [low, high] = [parseNumber(first!), parseNumber(second)];
  if (rest.length === 0 && Number.isFinite(low) && Number.isFinite(high) && low < high) {
    return { low, high };
  }
  throw new InvalidArgumentError('Expected a range of two ascending numbers such as 1..100.');
}

export function isRange(tried: TriedValues): tried is NumberRange {
  return 'low' in tried;
}

/**
 * Significant digits of a drawn number, so that the shown number equals the tried one, and can be
 * typed again.
 */
const digits = 4;

/**
 * How `randomSearch` draws from a range: all orders of magnitude alike; from 0 or below, which has none,
 * all numbers alike.
 *
 * @param isWhole draw integers alone; throws `InvalidOptionError` where the bounds are none
 */
export function drawnFrom(range: NumberRange, isWhole: boolean): Distribution<number> {
  const { low, high } = range;
  if (isWhole) {
    const alike = integers(low, high);
    if (low <= 0) return alike;
    const draw = logUniform(low, high + 1);
    return (u) => Math.min(high, Math.floor(draw(u)));
  }
  const draw = low > 0 ? logUniform(low, high) : uniform(low, high);
  return (u) => short(draw(u), range);
}

function short(value: number, { low, high }: NumberRange): number {
  return Math.min(high, Math.max(low, Number(value.toPrecision(digits))));
}
