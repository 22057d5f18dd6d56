import { parentPort, workerData } from 'node:worker_threads';
import { endedAt, lastRound, roundAt } from './machine-speed.js';
import { pieceOfWork } from './piece-of-work.js';

/* The program of a thread that does a piece of work in every round, until the last one. */

const { state, seconds, thread } = workerData as {
  readonly state: Int32Array;
  readonly seconds: Float64Array;
  readonly thread: number;
};
const work = pieceOfWork();
work();
parentPort!.postMessage('ready');
let round = 0;
while (true) {
  Atomics.wait(state, roundAt, round);
  const now = Atomics.load(state, roundAt);
  if (now === lastRound) break;
  if (now === round) continue;
  round = now;
  seconds[thread] = work();
  Atomics.add(state, endedAt, 1);
  Atomics.notify(state, endedAt);
}
