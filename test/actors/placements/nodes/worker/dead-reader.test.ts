import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { mergeMap, type Observable } from 'rxjs';
import { inProcess } from '../../../../../actors/placements/in-process.js';
import { nodes } from '../../../../../actors/placements/nodes/nodes.js';
import { fromFile } from '../../../../../dataflow/sources/from-file.js';
import { fromSql } from '../../../../../dataflow/sources/from-sql.js';
import { train } from '../../../../../dataflow/training/train.js';
import { PlacementError } from '../../../../../src/errors.js';
import type { DescribedRatings } from '../../../../../src/ratings/described-ratings.js';
import { ratingFile } from '../../../../helpers/builders/rating-files.js';
import { scratchFolder } from '../../../../helpers/builders/scratch-folder.js';
import { atTask } from '../../../../helpers/fakes/at-task.js';
import { eventsOf, factorsOfRun } from '../../../../helpers/probes/events.js';
import { natsServer, natsTest, workerProcess } from '../../../../helpers/programs/nats.js';

const options = { rank: 4, iterations: 3, blocks: 4 };

natsTest(
  'a file that kills the parser costs a job its worker, and the worker goes on',
  async (t) => {
    const folder = await scratchFolder(t);
    const path = join(folder, 'ratings.json');
    writeFileSync(path, '[{"user":1,"item":2,"x":1},{"user":2,"item":1,"x":1}]');
    const { url: servers } = await natsServer(t);
    const worker = await workerProcess(t, servers, 'sole', '--data', folder);
    const object = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    // The supervisor's own look at it came before.
    const changed$ = fromSql(`FROM '${path}'`, { readBy: 'workers' }).pipe(
      mergeMap(async (described) => {
        writeFileSync(path, `[{"user":1,"item":2,"x":${object}}]`);
        return described;
      }),
    );

    const error = await placementErrorOf(t, changed$, servers);

    t.regex(error.message, /sole \(found the process that reads .* ended by SIG(SEGV|BUS|ABRT)/);
    t.is(worker.exitCode, null);
    await trainsAsHere(t, servers, folder);
  },
);

const processTest = readdirSync('/').includes('proc') ? natsTest : test.skip;

processTest('a reader that dies later ends the job when no other worker can read', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'numbers');
  const { url: servers } = await natsServer(t);
  const victim = await workerProcess(t, servers, 'victim', '--data', folder);
  const survivor = await workerProcess(t, servers, 'survivor', '--data', folder);
  const task = { kind: 'solve', iteration: 2, side: 'user', block: 3 } as const;
  const placement = atTask(nodes({ servers, workers: 2, deadline: 12, lostAfter: 2 }), task, () => {
    process.kill(readerOf(survivor.pid!), 'SIGKILL');
    victim.kill('SIGKILL');
  });

  const error = await placementErrorOf(
    t,
    fromFile(path, { readBy: 'workers' }),
    servers,
    placement,
  );

  t.regex(error.message, /survivor \(found the process that reads .* ended by SIGKILL/);
  t.is(survivor.exitCode, null);
  await trainsAsHere(t, servers, folder);
});

/** With what a job ends that no worker can read the ratings of. */
async function placementErrorOf(
  t: ExecutionContext,
  described$: Observable<DescribedRatings>,
  servers: string,
  placement = nodes({ servers, deadline: 12 }),
): Promise<PlacementError> {
  const thrown = await t.throwsAsync(eventsOf(described$.pipe(train({ ...options, placement }))));
  const error = thrown instanceof PlacementError ? thrown : thrown!.cause;
  t.true(error instanceof PlacementError, String(thrown));
  return error as PlacementError;
}

/** The worker that is there reads the next job's ratings, and the model is that of one process. */
async function trainsAsHere(t: ExecutionContext, servers: string, folder: string): Promise<void> {
  const path = join(folder, 'next.csv');
  const pairs = Array.from({ length: 60 }, (_, at) => `${at % 11},${at % 7},1`);
  writeFileSync(path, `user,item,rating\n${pairs.join('\n')}\n`);

  const there = await eventsOf(
    fromFile(path, { readBy: 'workers' }).pipe(
      train({ ...options, placement: nodes({ servers }) }),
    ),
  );
  const here = await eventsOf(fromFile(path).pipe(train({ ...options, placement: inProcess() })));

  t.deepEqual(factorsOfRun(there), factorsOfRun(here));
}

/** The process in which a worker's ratings are read. Linux only. */
function readerOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const isReader = (child: string) =>
    readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('reader-program');
  return Number(children.find(isReader));
}
