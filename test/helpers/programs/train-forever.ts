import { of } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { train } from '../../../dataflow/training/train.js';
import { paperSettings } from '../../../src/training/options.js';
import { randomRatings } from '../builders/jobs.js';

// Trains until it is killed, and writes no checkpoint before. Prints `started` when it has begun.
const [, , path] = process.argv;
const ratings = randomRatings({ users: 20, items: 15, density: 0.3 });
const options = {
  ...paperSettings,
  rank: 4,
  iterations: 1e6,
  checkpoint: { path: path!, every: 1e6 },
};

of(ratings)
  .pipe(train({ ...options, placement: inProcess() }))
  .subscribe(({ type }) => {
    if (type === 'started') process.stdout.write(`${type}\n`);
  });
