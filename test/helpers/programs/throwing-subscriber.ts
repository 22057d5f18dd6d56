import { of } from 'rxjs';
import { threads } from '../../../actors/placements/threads/threads.js';
import { train } from '../../../dataflow/training/train.js';
import { randomRatings } from '../builders/jobs.js';

// Trains on threads without end, and its subscriber throws.
of(randomRatings({ users: 60, items: 50, density: 0.2 }))
  .pipe(train({ rank: 6, iterations: 100_000, placement: threads(2) }))
  .subscribe((event) => {
    if (event.type === 'iteration') throw new RangeError('cannot cope');
  });
