import { randomAt } from '../../../src/random.js';
import type { Ratings } from '../../../src/ratings/ratings.js';
import { ratingsOf } from './jobs.js';

/**
 * Ratings as package dependencies or tags are: communities that share no item, each with one user who
 * rates very many items that hardly anybody else rates, and users who rate a few of some others.
 * Models of them have masses of nearly equal rows beside rows that differ.
 */
export function heavyTailedRatings({
  communities,
  users,
  items,
  seed = 1,
}: {
  readonly communities: number;
  /** Of a community, the one who rates many included. */
  readonly users: number;
  /** Of a community; three in four are of the tail. */
  readonly items: number;
  readonly seed?: number;
}): Ratings {
  const cells: [number, number, number][] = [];
  const head = Math.floor(items / 4);
  for (let community = 0; community < communities; community++) {
    const [firstUser, firstItem] = [community * users, community * items];
    for (let item = head; item < items; item++) cells.push([firstUser, firstItem + item, 1]);
    for (let user = firstUser + 1; user < firstUser + users; user++) {
      // One in five rates nothing but one item of the tail, the others two thirds of the head.
      if (randomAt(seed, 0, user) < 0.2) cells.push([user, firstItem + head, 1]);
      else {
        for (let item = 0; item < head; item++) {
          if (randomAt(seed, user + 1, item) < 2 / 3) cells.push([user, firstItem + item, 1]);
        }
      }
    }
  }
  return ratingsOf(cells, communities * users, communities * items);
}
