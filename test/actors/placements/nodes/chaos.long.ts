import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { inProcess } from '../../../../actors/placements/in-process.js';
import { nodes } from '../../../../actors/placements/nodes/nodes.js';
import { fromFile } from '../../../../dataflow/sources/from-file.js';
import { train } from '../../../../dataflow/training/train.js';
import { randomAt } from '../../../../src/random.js';
import { randomRatings } from '../../../helpers/builders/jobs.js';
import { ratingFile } from '../../../helpers/builders/rating-files.js';
import { atBroadcast } from '../../../helpers/fakes/at-broadcast.js';
import { eventsOf, factorsOfRun } from '../../../helpers/probes/events.js';
import { faultsOf, runToEnd } from '../../../helpers/probes/runs.js';
import {
  natsServer,
  natsTest,
  restartServer,
  workerProcess,
} from '../../../helpers/programs/nats.js';

const ratings = randomRatings({ users: 1_200, items: 200, density: 0.1 });
const options = { rank: 32, iterations: 40, blocks: 8 };
const undisturbed = runToEnd(ratings, options, inProcess());

for (const seed of [1, 2, 3]) {
  natsTest(
    `whatever happens to nodes and server, the model is the same, seed ${seed}`,
    async (t) => {
      const server = await natsServer(t);
      const crowd = new Crowd(t, server.url);
      for (let n = 0; n < 3; n++) await crowd.join();
      let phases = 0;
      let restarted: Promise<void> | undefined;
      const placement = atBroadcast(nodes({ servers: server.url, workers: 3 }), (placed, phase) => {
        const broadcast = placed.broadcast(phase);
        // While rows travel, or soon after.
        if (++phases % 2 === 0) crowd.disturb(seed, phases);
        if (phases === 30) restarted = restartServer(t, server);
        return broadcast;
      });

      const outcome = await runToEnd(ratings, options, placement);

      await restarted;
      await crowd.close();
      t.is(outcome.error, undefined, String(outcome.error));
      t.deepEqual(outcome.factors, (await undisturbed).factors);
      t.true(faultsOf(outcome).length > 5);
      t.log(crowd.log.join(', '));
    },
  );
}

natsTest('the same with workers that read the ratings, and rows in a file here', async (t) => {
  const size = { users: 4_000, items: 300, count: 40_000 };
  const { folder, path } = await ratingFile(t, 'parquet', 'numbers', size);
  // Rows of a block are too many to come along with the answer.
  const settings = { rank: 64, iterations: 20, blocks: 8 };
  const server = await natsServer(t);
  const crowd = new Crowd(t, server.url, ['--data', folder]);
  for (let n = 0; n < 3; n++) await crowd.join();
  let phases = 0;
  const routed = nodes({ servers: server.url, workers: 3, routing: 'routed' });
  const placement = atBroadcast(routed, (placed, phase) => {
    const broadcast = placed.broadcast(phase);
    if (++phases % 2 === 0) crowd.disturb(4, phases);
    return broadcast;
  });
  const checkpoint = { path: join(folder, 'checkpoint') };

  const events = await eventsOf(
    fromFile(path, { readBy: 'workers' }).pipe(train({ ...settings, placement, checkpoint })),
  );
  const expected = await eventsOf(
    fromFile(path).pipe(train({ ...settings, placement: inProcess() })),
  );

  await crowd.close();
  t.deepEqual(factorsOfRun(events), factorsOfRun(expected));
  t.true(events.filter(({ type }) => type === 'fault').length > 5);
  t.log(crowd.log.join(', '));
});

/** Workers, some of which are killed, stopped or asked to leave, and others join. */
class Crowd {
  readonly log: string[] = [];
  readonly #t: ExecutionContext;
  readonly #servers: string;
  readonly #flags: readonly string[];
  readonly #present: ChildProcess[] = [];
  readonly #stopped: ChildProcess[] = [];
  readonly #joining = new Set<Promise<void>>();
  #joined = 0;
  #isOver = false;

  constructor(t: ExecutionContext, servers: string, flags: readonly string[] = []) {
    this.#t = t;
    this.#flags = flags;
    this.#servers = servers;
  }

  join(): Promise<void> {
    const joining = this.#isOver ? Promise.resolve() : this.#start();
    this.#joining.add(joining);
    return joining;
  }

  /** Lets no worker join any more, and waits for those that are joining. */
  async close(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#joining);
  }

  async #start(): Promise<void> {
    try {
      const name = `worker-${++this.#joined}`;
      this.#present.push(await workerProcess(this.#t, this.#servers, name, ...this.#flags));
    } catch {
      // The server was away for too long.
      await this.join();
    }
  }

  /** Does something that `seed` and `moment` choose. The last worker stays. */
  disturb(seed: number, moment: number): void {
    for (const child of this.#stopped.splice(0)) child.kill('SIGCONT');
    const chance = (which: number) => randomAt(seed, moment, which);
    const victim = this.#present[Math.floor(chance(0) * this.#present.length)]!;
    const what = (['SIGKILL', 'SIGSTOP', 'SIGTERM', 'join'] as const)[Math.floor(chance(1) * 4)]!;
    if (what !== 'join' && this.#present.length < 2) return void this.join();
    this.log.push(`${moment} ${what}`);
    if (what === 'join') return void this.join();
    victim.kill(what);
    if (what === 'SIGSTOP') {
      this.#stopped.push(victim);
      return;
    }
    this.#present.splice(this.#present.indexOf(victim), 1);
    // As many come as go.
    void once(victim, 'exit').then(() => this.join());
  }
}
