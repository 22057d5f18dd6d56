/** Child process of `nodes-memory`: trains as supervisor of the workers at a server, once. */

import { lastValueFrom, tap } from 'rxjs';
import { fromFile, nodes, train } from 'seesaw';
import { highestResidentBytes } from './peak-memory.js';

/** The order to the child process. */
export interface MemoryOrder {
  readonly path: string;
  readonly servers: string;
  readonly workers: number;
  readonly rank: number;
  readonly iterations: number;
  /** Else the supervisor reads the ratings and ships them. */
  readonly byWorkers: boolean;
}

export interface MemoryResult {
  readonly users: number;
  readonly items: number;
  readonly ratings: number;
  /** Of the supervisor, from its start to its end. */
  readonly peakBytes: number;
  /** From the start of reading until the job begins. */
  readonly readSeconds: number;
  /** With what workers read or are sent. */
  readonly firstIteration: number;
  readonly loss: number;
}

const { path, servers, workers, rank, iterations, byWorkers }: MemoryOrder = JSON.parse(
  process.argv[2]!,
);
const options = { rank, iterations, placement: nodes({ servers, workers }) };
const start = performance.now();
const events$ = byWorkers
  ? fromFile(path, { readBy: 'workers' }).pipe(train(options))
  : fromFile(path).pipe(train(options));
let result: Partial<MemoryResult> = {};
await lastValueFrom(
  events$.pipe(
    tap((event) => {
      if (event.type === 'started') {
        const { users, items, ratings } = event;
        const readSeconds = (performance.now() - start) / 1000;
        result = { ...result, users, items, ratings, readSeconds };
      }
      if (event.type !== 'iteration') return;
      result = { ...result, loss: event.loss.total };
      if (event.iteration === 1) result = { ...result, firstIteration: event.seconds };
    }),
  ),
);
result = { ...result, peakBytes: highestResidentBytes() };
process.stdout.write(`${JSON.stringify(result)}\n`);
