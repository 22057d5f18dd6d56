import { describe, InvalidOptionError } from '../../src/errors.js';

/**
 * Where `randomSearch` draws an option from: the quantile function, which turns a uniform number in
 * [0, 1) into a value. `(u) => 2 ** (4 + Math.floor(4 * u))` draws 16, 32, 64 or 128.
 */
export type Distribution<Value> = (uniform: number) => Value;

/** Numbers from `low` to `high`, all alike. Throws `InvalidOptionError` unless low < high. */
export function uniform(low: number, high: number): Distribution<number> {
  checkRange('uniform', low, high);
  return (uniform) => low + (high - low) * uniform;
}

/**
 * Numbers from `low` to `high`, all orders of magnitude alike: for λ, alpha and the like.
 * Throws `InvalidOptionError` unless 0 < low < high.
 */
export function logUniform(low: number, high: number): Distribution<number> {
  checkRange('logUniform', low, high);
  if (low <= 0) throw new InvalidOptionError('logUniform', low, 'a lower bound above 0');
  return (uniform) => low * (high / low) ** uniform;
}

/** Integers from `low` to `high`, both included. Throws `InvalidOptionError` unless low < high. */
export function integers(low: number, high: number): Distribution<number> {
  checkRange('integers', low, high);
  for (const bound of [low, high]) {
    if (!Number.isInteger(bound)) throw new InvalidOptionError('integers', bound, 'an integer');
  }
  return (uniform) => low + Math.floor((high - low + 1) * uniform);
}

function checkRange(name: string, low: number, high: number): void {
  if (Number.isFinite(low) && Number.isFinite(high) && low < high) return;
  throw new InvalidOptionError(
    name,
    `found ${name}(${describe(low)}, ${describe(high)}); expected two ascending finite numbers`,
  );
}
