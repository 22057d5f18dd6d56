import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { map, mergeMap, type Observable, takeWhile, tap } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { nodes } from '../../../actors/placements/nodes/nodes.js';
import type { Placement } from '../../../actors/placements/placement.js';
import { saveModel } from '../../../dataflow/save-model.js';
import { fromFile } from '../../../dataflow/sources/from-file.js';
import { fromSql } from '../../../dataflow/sources/from-sql.js';
import { train } from '../../../dataflow/training/train.js';
import type { FinishedEvent, TrainingEvent } from '../../../dataflow/training/training-event.js';
import { PlacementError, SourceError } from '../../../src/errors.js';
import type { ReadOptions } from '../../../src/io/read-options.js';
import type { BlockTask } from '../../../src/kernels/kernel.js';
import type { FactorModel } from '../../../src/model/factor-model.js';
import { loadModel } from '../../../src/model/store/load-model.js';
import type { DescribedRatings } from '../../../src/ratings/described-ratings.js';
import type { RowFile } from '../../../src/row-file.js';
import { type IdStyle, ratingFile } from '../../helpers/builders/rating-files.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { beforeBroadcast } from '../../helpers/fakes/at-broadcast.js';
import { atTask } from '../../helpers/fakes/at-task.js';
import { errorsOfRun, eventsOf, factorsOfRun, finishedOf } from '../../helpers/probes/events.js';
import { natsServer, natsTest, workerHere, workerProcess } from '../../helpers/programs/nats.js';

const options = { rank: 6, iterations: 3, blocks: 4 };
/** Few rows are needed by several blocks. */
const sparse = { users: 600, items: 400, count: 700 };

for (const [what, format, ids, reading] of [
  ['CSV with numbers', 'csv', 'numbers', { duplicates: 'sum' }],
  ['CSV with words, duplicates by order', 'csv', 'words', { timestamp: false }],
  ['Parquet with words, duplicates by time', 'parquet', 'words', {}],
  ['a query', 'sql', 'numbers', { duplicates: 'mean', where: 'rating > 1.2' }],
] satisfies [string, 'csv' | 'parquet' | 'sql', IdStyle, ReadOptions][]) {
  natsTest(`workers that read ${what} give the model of one process`, async (t) => {
    const { folder, path } = await ratingFile(t, format === 'sql' ? 'parquet' : format, ids);
    const { url: servers } = await natsServer(t);
    await workerProcess(t, servers, 'alpha', '--data', folder);
    await workerProcess(t, servers, 'beta', '--data', '/usr/share', '--data', folder);
    const query = `SELECT * FROM '${path}' ORDER BY ALL`;
    const settings = { ...options, feedback: 'explicit', globalMean: true } as const;
    const trained = <Read extends DescribedRatings>(ratings$: Observable<Read>) =>
      eventsOf(
        ratings$.pipe(
          train({ ...settings, placement: nodes({ servers, workers: 2, lostAfter: 30 }) }),
        ),
      );
    const here$ = format === 'sql' ? fromSql(query, reading) : fromFile(path, reading);
    const described = { ...reading, readBy: 'workers' } as const;

    const events = await trained(
      format === 'sql' ? fromSql(query, described) : fromFile(path, described),
    );
    const expected = await eventsOf(here$.pipe(train({ ...settings, placement: inProcess() })));

    t.deepEqual(factorsOfRun(events), factorsOfRun(expected));
    t.deepEqual(finishedOf(events).model.userIds, finishedOf(expected).model.userIds);
    t.deepEqual(errorsOfRun(events), errorsOfRun(expected));
    const [started] = events.filter((event) => event.type === 'started');
    const [wanted] = expected.filter((event) => event.type === 'started');
    const { placement: _, kernelReason: __, ...same } = wanted!;
    t.like(started, same);
    // On a busy machine one of them may take over all that the other has.
    const elsewhere = [...placesOf(events)].filter((name) => !['alpha', 'beta'].includes(name));
    t.deepEqual(elsewhere, []);
  });
}

for (const [phase, task] of Object.entries({
  'the first user phase': { kind: 'solve', iteration: 1, side: 'user', block: 3 },
  'an item phase': { kind: 'solve', iteration: 2, side: 'item', block: 3 },
} satisfies Record<string, BlockTask>)) {
  natsTest(
    `who takes over the blocks of a node that dies in ${phase} reads them itself`,
    async (t) => {
      const { folder, path } = await ratingFile(t, 'csv', 'numbers');
      const { url: servers } = await natsServer(t);
      const victim = await workerProcess(t, servers, 'victim', '--data', folder);
      await workerProcess(t, servers, 'survivor', '--data', folder);
      const placement = atTask(nodes({ servers, workers: 2 }), task, () => victim.kill('SIGKILL'));
      const described$ = fromFile(path, { readBy: 'workers' });

      const events = await eventsOf(described$.pipe(train({ ...options, placement })));
      const expected = await eventsOf(
        fromFile(path).pipe(train({ ...options, placement: inProcess() })),
      );

      t.deepEqual(factorsOfRun(events), factorsOfRun(expected));
      t.true(faultsOf(events).some((fault) => fault.startsWith('victim: ')));
    },
  );
}

natsTest('workers that read the ratings get the rows that their blocks need', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'numbers', sparse);
  const { url: servers } = await natsServer(t);
  for (const name of ['alpha', 'beta', 'gamma']) {
    await workerHere(t, { servers, name, data: [folder] });
  }

  const events = await eventsOf(
    fromFile(path, { readBy: 'workers' }).pipe(
      train({ ...options, placement: nodes({ servers, workers: 3 }) }),
    ),
  );
  const expected = await eventsOf(
    fromFile(path).pipe(train({ ...options, placement: inProcess() })),
  );

  t.deepEqual(factorsOfRun(events), factorsOfRun(expected));
  // The first iteration broadcasts: workers read in it. A broadcast to three nodes is two thirds.
  const later = events.filter((event) => event.type === 'phase' && event.iteration > 1);
  const sum = (of: 'broadcastBytes' | 'fullBroadcastBytes') =>
    later.reduce((total, event) => total + (event.type === 'phase' ? event[of] : 0), 0);
  const share = sum('broadcastBytes') / sum('fullBroadcastBytes');
  t.true(share < 0.6, `${share}`);
});

natsTest('a node that joins or takes a block over gets the rows that it lacks', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'numbers', sparse);
  const { url: servers } = await natsServer(t);
  const victim = await workerProcess(t, servers, 'victim', '--data', folder);
  await workerHere(t, { servers, name: 'beta', data: [folder] });
  const task = { kind: 'solve', iteration: 4, side: 'item', block: 3 } as const;
  const routed = nodes({ servers, workers: 2, routing: 'routed' });
  const joining = beforeBroadcast(routed, 3, () =>
    workerHere(t, { servers, name: 'late', data: [folder] }),
  );
  const placement = atTask(joining, task, () => victim.kill('SIGKILL'));
  const settings = { ...options, iterations: 6 };

  const events = await eventsOf(
    fromFile(path, { readBy: 'workers' }).pipe(train({ ...settings, placement })),
  );
  const expected = await eventsOf(
    fromFile(path).pipe(train({ ...settings, placement: inProcess() })),
  );

  t.deepEqual(factorsOfRun(events), factorsOfRun(expected));
  t.deepEqual([...placesOf(events)].sort(), ['beta', 'late', 'victim']);
  t.true(faultsOf(events).some((fault) => fault.startsWith('victim: ')));
});

natsTest(
  'a checkpoint of ratings that workers read is gone on from with ratings read here',
  async (t) => {
    const { folder, path } = await ratingFile(t, 'parquet', 'words');
    const { url: servers } = await natsServer(t);
    await workerHere(t, { servers, data: [folder] });
    const checkpoint = { path: join(await scratchFolder(t), 'checkpoint') };

    await eventsOf(
      fromFile(path, { readBy: 'workers' }).pipe(
        train({ ...options, iterations: 2, placement: nodes({ servers }), checkpoint }),
      ),
    );
    const resumed = await eventsOf(
      fromFile(path).pipe(
        train({ ...options, placement: inProcess(), checkpoint, resume: checkpoint.path }),
      ),
    );
    const expected = await eventsOf(
      fromFile(path).pipe(train({ ...options, placement: inProcess() })),
    );

    t.deepEqual(factorsOfRun(resumed), factorsOfRun(expected));
  },
);

natsTest('a model of ratings that workers read knows what users rated', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'words');
  const { url: servers } = await natsServer(t);
  await workerHere(t, { servers, data: [folder] });
  const scratch = await scratchFolder(t);
  const written = join(scratch, 'written');
  const events = await eventsOf(
    fromFile(path, { readBy: 'workers' }).pipe(
      train({ ...options, placement: nodes({ servers }) }),
      saveModel(written),
    ),
  );
  const { model } = finishedOf(events);
  const saved = join(scratch, 'saved');
  await model.save(saved);
  const { model: expected } = finishedOf(
    await eventsOf(fromFile(path).pipe(train({ ...options, placement: inProcess() }))),
  );

  for (const each of [model, await loadModel(written), await loadModel(saved)]) {
    t.deepEqual(each.seen, expected.seen);
    for (const user of expected.userIds.slice(0, 5)) {
      t.deepEqual(each.recommend(user, { count: 9 }), expected.recommend(user, { count: 9 }));
    }
  }
});

natsTest('models of ratings that workers read are read from a file when asked for', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'words');
  const { url: servers } = await natsServer(t);
  await workerHere(t, { servers, data: [folder] });
  const target = join(await scratchFolder(t), 'model');
  const ends: FinishedEvent[] = [];
  const expected: FactorModel[] = [];

  const events = await eventsOf(
    fromFile(path, { readBy: 'workers' }).pipe(
      train({ ...options, placement: nodes({ servers }) }),
      tap((event) => {
        // The last one but one and those before are written over.
        if (event.type === 'iteration') ends.push(event.finish());
      }),
      saveModel(target),
    ),
  );
  await eventsOf(
    fromFile(path).pipe(
      train({ ...options, placement: inProcess() }),
      tap((event) => {
        if (event.type === 'iteration') expected.push(event.model());
      }),
    ),
  );

  t.deepEqual(
    events.slice(-2).map(({ type }) => type),
    ['saved', 'finished'],
  );
  t.deepEqual((await loadModel(target)).userFactors, expected.at(-1)!.userFactors);
  t.is(ends.length, 3);
  for (const [at, { model }] of [...ends, finishedOf(events)].entries()) {
    const { userFactors, itemFactors } = expected[Math.min(at, 2)]!;
    t.deepEqual(model.userFactors, userFactors);
    t.deepEqual(model.itemFactors, itemFactors);
  }
});

for (const [call, rank, users] of [
  ['write', 6, 40],
  // Rows that do not come along with the answer of their task.
  ['write', 64, 2_000],
  ['read', 6, 40],
] as const) {
  natsTest(`a disk that takes no more rows ends the run: ${call}, rank ${rank}`, async (t) => {
    const { folder, path } = await ratingFile(t, 'csv', 'numbers', { users, count: 10 * users });
    const { url: servers } = await natsServer(t);
    await workerHere(t, { servers, data: [folder] });
    const placement = nodes({ servers });
    const failing: Placement = {
      ...placement,
      open: (job, onFault) =>
        placement.open({ ...job, rowFile: failingFile(job.rowFile!, call) }, onFault),
    };

    const error = await t.throwsAsync(
      eventsOf(
        fromFile(path, { readBy: 'workers' }).pipe(train({ ...options, rank, placement: failing })),
      ),
    );

    t.like(error, { name: 'BlockFailedError', attempts: 1, cause: { code: 'ERR_NO_SPACE' } });
  });
}

/** A file of rows whose tenth call of a kind fails, and all after it. */
function failingFile(rowFile: RowFile, call: 'read' | 'write'): RowFile {
  let calls = 0;
  const attempt = (called: 'read' | 'write') => (offset: number, bytes: Uint8Array) => {
    if (called === call && ++calls >= 10) {
      throw new SourceError('ERR_NO_SPACE', 'found no place for the rows');
    }
    rowFile[called](offset, bytes);
  };
  const file: Pick<RowFile, keyof RowFile> = {
    read: attempt('read'),
    write: attempt('write'),
    hold: () => rowFile.hold(),
    release: () => rowFile.release(),
  };
  // Its private fields are not used.
  return file as RowFile;
}

natsTest('a worker without data folders is left out and reported', async (t) => {
  const { path } = await ratingFile(t, 'csv', 'numbers');

  const reported = await reportedBy(t, fromFile(path, { readBy: 'workers' }), undefined);

  t.regex(reported, /sole \(has no data folder; start it with --data <folder>\)/);
});

natsTest('a worker refuses a file outside its data folders', async (t) => {
  const { path } = await ratingFile(t, 'csv', 'numbers');
  const { folder } = await ratingFile(t, 'csv', 'numbers');

  const reported = await reportedBy(t, fromFile(path, { readBy: 'workers' }), [folder]);

  t.regex(reported, /sole \(found .*ratings\.csv asked for; expected a file in the data folders/);
});

natsTest('a worker that does not see the file says so', async (t) => {
  const { folder, path } = await ratingFile(t, 'csv', 'numbers');
  const removed$ = fromFile(path, { readBy: 'workers' }).pipe(
    mergeMap((described) => rm(path).then(() => described)),
  );

  const reported = await reportedBy(t, removed$, [folder]);

  t.regex(reported, /sole \(found no file .*ratings\.csv/);
});

natsTest(
  'a worker that finds another file is let go, and those with the right one go on',
  async (t) => {
    const { folder, path } = await ratingFile(t, 'csv', 'numbers');
    const { url: servers } = await natsServer(t);
    await workerHere(t, { servers, name: 'early', data: [folder] });
    const other = await ratingFile(t, 'csv', 'numbers');
    let isReported = false;
    const placement = beforeBroadcast(nodes({ servers }), 2, async () => {
      await appendFile(path, '1,1,1,1\n');
      await workerHere(t, { servers, name: 'late', data: [folder] });
    });
    const reported = 'late: found 401 rows';

    const events = await eventsOf(
      fromFile(path, { readBy: 'workers' }).pipe(
        train({ ...options, iterations: 1_000_000, placement }),
        map((event) => {
          isReported ||= faultsOf([event]).some((fault) => fault.startsWith(reported));
          return isReported && event.type === 'iteration' ? event.finish() : event;
        }),
        takeWhile(({ type }) => type !== 'finished', true),
      ),
    );
    const { iterations } = finishedOf(events);
    const expected = await eventsOf(
      fromFile(other.path).pipe(train({ ...options, iterations, placement: inProcess() })),
    );

    t.deepEqual(factorsOfRun(events), factorsOfRun(expected));
    t.deepEqual([...placesOf(events)], ['early']);
  },
);

natsTest(
  'a file that is not what was described is reported by the worker that reads it',
  async (t) => {
    const { folder, path } = await ratingFile(t, 'csv', 'numbers');
    const changed$ = fromFile(path, { readBy: 'workers' }).pipe(
      mergeMap((described) => appendFile(path, '1,1,1,1\n').then(() => described)),
    );

    const reported = await reportedBy(t, changed$, [folder]);

    t.regex(reported, /sole \(found 401 rows in .*; expected 400, as were found there before/);
  },
);

/** Why a job ends whose only worker cannot read the ratings. It has time to say so on a busy machine. */
async function reportedBy(
  t: ExecutionContext,
  described$: Observable<DescribedRatings>,
  data: readonly string[] | undefined,
): Promise<string> {
  const { url: servers } = await natsServer(t);
  await workerHere(t, { servers, name: 'sole', data });
  const placement = nodes({ servers, deadline: 8 });
  const thrown = await t.throwsAsync(eventsOf(described$.pipe(train({ ...options, placement }))));
  const error = thrown instanceof PlacementError ? thrown : (thrown!.cause as Error);
  t.true(error instanceof PlacementError, String(thrown));
  return error.message;
}

function faultsOf(events: readonly TrainingEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === 'fault' && event.component === 'node' ? [`${event.node}: ${event.message}`] : [],
  );
}

/** Names of the nodes that solved. */
function placesOf(events: readonly TrainingEvent[]): Set<string> {
  return new Set(
    events.flatMap((event) =>
      event.type === 'phase' ? event.blocks.map(({ ranOn }) => ranOn.split(',')[0]!) : [],
    ),
  );
}
