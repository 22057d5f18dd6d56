/**
 * A supervisor in a process of its own, which reads commands from its standard input: it trains on nodes
 * until a line comes, and ends with the iteration that is under way then.
 *
 * Prints every event as a line of JSON, the last one with a digest of the factors.
 *
 *     node distant-supervisor.js nats://10.0.0.1:4222
 */

import { createInterface } from 'node:readline';
import { map, of, takeWhile } from 'rxjs';
import { nodes } from '../../../actors/placements/nodes/nodes.js';
import { train } from '../../../dataflow/training/train.js';
import type { FinishedEvent } from '../../../dataflow/training/training-event.js';
import { digestOfModel, distantJob, distantRatings } from '../builders/distant-job.js';

let isToldToStop = false;
createInterface(process.stdin).once('line', () => {
  isToldToStop = true;
});
const placement = nodes({ servers: process.argv[2]!, workers: 2 });

of(distantRatings())
  .pipe(
    train({ ...distantJob, iterations: 1_000_000, placement }),
    map((event) => (event.type === 'iteration' && isToldToStop ? event.finish() : event)),
    takeWhile((event) => event.type !== 'finished', true),
  )
  .subscribe({
    next: (event) => console.log(JSON.stringify(event.type === 'finished' ? last(event) : event)),
    complete: () => process.stdin.destroy(),
  });

function last({ type, iterations, model }: FinishedEvent): object {
  return { type, iterations, digest: digestOfModel(model) };
}
