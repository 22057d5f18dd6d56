import { createHash } from 'node:crypto';
import { synthetic, train } from 'seesaw';

// The same program begins and goes on; without a directory it writes no checkpoints.
const [path] = process.argv.slice(2);
const safety = path === undefined ? {} : { checkpoint: { path }, resume: true };

synthetic({ users: 2000, items: 1000, density: 0.02, seed: 1 })
  .pipe(train({ rank: 32, iterations: 40, ...safety }))
  .subscribe((event) => {
    if (event.type === 'started' && event.resumed) process.send?.('goes on from a checkpoint');
    if (event.type === 'checkpoint') process.send?.('has written a checkpoint');
    if (event.type !== 'finished') return;
    process.send?.(`has finished ${event.iterations} iterations`);
    process.send?.({ factors: createHash('sha256').update(event.model.userFactors).digest('hex') });
  });
