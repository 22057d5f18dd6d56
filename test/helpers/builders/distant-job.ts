import { createHash } from 'node:crypto';
import type { FactorModel } from '../../../src/model/factor-model.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { randomRatings } from './jobs.js';

/** What supervisors on other hosts train on. */
export function distantRatings(): Ratings {
  return randomRatings({ users: 120, items: 80, density: 0.2 });
}

/** How they do. */
export const distantJob = Object.freeze({ rank: 16, blocks: 6, alpha: 10, regularization: 1 });

/** SHA-256 of both sides' factors. */
export function digestOfModel({ userFactors, itemFactors }: FactorModel): string {
  return createHash('sha256').update(userFactors).update(itemFactors).digest('hex');
}
