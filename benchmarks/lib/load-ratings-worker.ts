/** Child process of `load-ratings`: reads the file it is given, once. */

import { readRatings } from '../../src/io/read-ratings.js';

export interface LoadResult {
  readonly seconds: number;
  readonly peakBytes: number;
  readonly ratings: number;
  readonly users: number;
  readonly items: number;
}

const started = performance.now();
const { byUser, byItem } = await readRatings({ files: process.argv[2]! });
const result: LoadResult = {
  seconds: (performance.now() - started) / 1000,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  ratings: byItem.columns.length,
  users: byUser.rowCount,
  items: byItem.rowCount,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
