import { randomAt } from '../../random.js';

/** Users, about, whose ratings are kept to measure on; all of fewer. */
const sampledUsers = 50_000;

/** No user has this position, so that the numbers have nothing to do with those of entries. */
const drawStream = 2 ** 32 - 2;

/** Whether a user, by position, is one of those to measure on: drawn at random of so many. */
export function isSampled(user: number, userCount: number, seed: number): boolean {
  return userCount <= sampledUsers || randomAt(seed, drawStream, user) < sampledUsers / userCount;
}
