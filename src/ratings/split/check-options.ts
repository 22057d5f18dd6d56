import { InvalidOptionError } from '../../errors.js';

/** The option if it is a share, 0 < share < 1. Throws `InvalidOptionError`. */
export function checkShare(option: string, share: unknown, otherwise = ''): number {
  if (typeof share === 'number' && share > 0 && share < 1) return share;
  const alternative = otherwise === '' ? '' : `, ${otherwise}`;
  throw new InvalidOptionError(
    option,
    share,
    `a number between 0 and 1, both excluded${alternative}`,
  );
}

/** The option if it is a count, an integer ≥ 1. Throws `InvalidOptionError`. */
export function checkCount(option: string, count: unknown): number {
  if (Number.isSafeInteger(count) && (count as number) >= 1) return count as number;
  throw new InvalidOptionError(option, count, 'an integer of at least 1');
}

/** The seed if it is one, 42 if it is left out. Throws `InvalidOptionError`. */
export function checkSeed(seed: unknown = 42): number {
  if (Number.isInteger(seed) && (seed as number) >= 0 && (seed as number) < 2 ** 32) {
    return seed as number;
  }
  throw new InvalidOptionError('seed', seed, 'an integer from 0 to 4294967295');
}
