import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { concatMap, type Observable } from 'rxjs';
import { fromFile, fromRatings, type Ratings, type SyntheticOptions, synthetic } from 'seesaw';
import { normalAt } from '../../src/random.js';

/** Ratings of one kind. */
export interface RatingSet {
  readonly name: string;
  readonly hasTimes: boolean;
  readonly ratings$: Observable<Ratings>;
}

/** The sets that lie in `folder`, and two with made-up counts. */
export function ratingSets(folder: string): RatingSet[] {
  const pair = { user: 'package', item: 'dependency' };
  const real = [
    ['ml-100k', 'ml-100k/ratings.parquet', {}, true],
    ['movielens-small', 'movielens-small/ratings.csv', {}, true],
    ['ml-1m', 'ml-1m/ratings.parquet', {}, false],
    ['debian-dependencies', 'debian-dependencies/dependencies.parquet', pair, false],
    ['goodbooks', 'goodbooks-10k/ratings.parquet', { duplicates: 'last' }, false],
  ] as const;
  return [
    ...real
      .filter(([, file]) => existsSync(join(folder, file)))
      .map(([name, file, options, hasTimes]) => {
        return { name, hasTimes, ratings$: fromFile(join(folder, file), options) };
      }),
    {
      name: 'plays',
      hasTimes: false,
      ratings$: counts({ users: 4_000, items: 6_000, count: 300_000, seed: 5 }, 1.5, 0.7),
    },
    {
      name: 'visits',
      hasTimes: false,
      ratings$: counts({ users: 3_000, items: 800, count: 120_000, seed: 6 }, 0.5, 0.4),
    },
  ];
}

/** Made-up counts: log-normal, and the mean of their logarithm grows by `slope` with each star. */
function counts(shape: SyntheticOptions, spread: number, slope: number): Observable<Ratings> {
  return synthetic(shape).pipe(
    concatMap(({ byUser, users, items }) => {
      const columns = { users: [] as number[], items: [] as number[], ratings: [] as number[] };
      for (let row = 0, at = 0; row < byUser.rowCount; row++) {
        for (; at < byUser.offsets[row + 1]!; at++) {
          const user = users.positions[row]!;
          const item = items.positions[byUser.columns[at]!]!;
          const liking = slope * (byUser.ratings[at]! - 3);
          columns.users.push(user);
          columns.items.push(item);
          columns.ratings.push(
            Math.ceil(Math.exp(liking + spread * normalAt(shape.seed!, user, item))),
          );
        }
      }
      return fromRatings({ ...columns, userCount: shape.users, itemCount: shape.items });
    }),
  );
}
