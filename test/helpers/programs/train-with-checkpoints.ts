import { createHash } from 'node:crypto';
import { of } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { nodes } from '../../../actors/placements/nodes/nodes.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { train } from '../../../dataflow/training/train.js';
import { randomRatings } from '../builders/jobs.js';

// Trains with a checkpoint after every iteration, going on from the last one in the folder. Prints a
// line for each event, and at the end a digest of the model.
const [, , folder, threadCount = '0', servers] = process.argv;
const ratings = randomRatings({ users: 500, items: 300, density: 0.1 });
const here = threadCount === '0' ? inProcess() : threads(Number(threadCount));
const placement = servers === undefined ? here : nodes({ servers, workers: 2 });
const settings = { rank: 64, iterations: 12, blocks: 4, placement };
const keeping = folder === undefined ? {} : { checkpoint: { path: folder }, resume: true };

of(ratings)
  .pipe(train({ ...settings, ...keeping }))
  .subscribe((event) => {
    if (event.type !== 'finished') return void process.stdout.write(`${event.type}\n`);
    const { userFactors, itemFactors } = event.model;
    const digest = createHash('sha256').update(userFactors).update(itemFactors).digest('hex');
    process.stdout.write(`model ${digest}\n`);
  });
