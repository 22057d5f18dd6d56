import { appendFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { lastValueFrom, of, tap, toArray } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { nodes } from '../../../actors/placements/nodes/nodes.js';
import type { Placement } from '../../../actors/placements/placement.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { fromFile } from '../../../dataflow/sources/from-file.js';
import { fromSql } from '../../../dataflow/sources/from-sql.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { train } from '../../../dataflow/training/train.js';
import {
  InvalidOptionError,
  MissingRatingsError,
  PlacementError,
  SourceError,
} from '../../../src/errors.js';
import type { ReadOptions } from '../../../src/io/read-options.js';
import { type IdStyle, ratingFile } from '../../helpers/builders/rating-files.js';
import { errorsOfRun, eventsOf, factorsOfRun, finishedOf } from '../../helpers/probes/events.js';
import { activeResources, untilQuiet, untilTrue } from '../../helpers/probes/resources.js';

const inParts = (placement: Placement): Placement => ({ ...placement, partBytes: 50_000 });

for (const [what, format, ids, reading, placement] of [
  ['CSV, one part a side', 'csv', 'numbers', { duplicates: 'sum' }, inProcess()],
  ['CSV, parts', 'csv', 'words', { timestamp: false }, inParts(inProcess())],
  ['Parquet, parts and threads', 'parquet', 'words', {}, inParts(threads(2))],
  ['a query', 'sql', 'numbers', { duplicates: 'mean', where: 'rating > 1.2' }, inProcess()],
] satisfies [string, 'csv' | 'parquet' | 'sql', IdStyle, ReadOptions, Placement][]) {
  test(`described ratings are read into parts on one machine: ${what}`, async (t) => {
    const { path } = await ratingFile(t, format === 'sql' ? 'parquet' : format, ids);
    const query = `SELECT * FROM '${path}' ORDER BY ALL`;
    const described = { ...reading, readBy: 'workers' } as const;
    const options = { rank: 6, iterations: 3, blocks: 6, globalMean: true } as const;
    const settings = { ...options, feedback: 'explicit', solver: 'cholesky' } as const;

    const events = await eventsOf(
      (format === 'sql' ? fromSql(query, described) : fromFile(path, described)).pipe(
        train({ ...settings, placement }),
      ),
    );
    const expected = await eventsOf(
      (format === 'sql' ? fromSql(query, reading) : fromFile(path, reading)).pipe(
        train({ ...settings, placement: inProcess() }),
      ),
    );

    t.deepEqual(factorsOfRun(events), factorsOfRun(expected));
    t.deepEqual(finishedOf(events).model.userIds, finishedOf(expected).model.userIds);
    t.deepEqual(errorsOfRun(events), errorsOfRun(expected));
    const phases = events.filter((event) => event.type === 'phase');
    t.true(phases.every(({ iteration, broadcastBytes }) => iteration === 0 || broadcastBytes > 0));
  });
}

test('a file that changes after it was described is refused', async (t) => {
  const { path } = await ratingFile(t, 'csv', 'numbers');
  const events$ = fromFile(path, { readBy: 'workers' }).pipe(
    tap(() => appendFileSync(path, '1,1,1,1\n')),
    train({ rank: 4, placement: inProcess() }),
  );

  const error = await t.throwsAsync(lastValueFrom(events$), { instanceOf: SourceError });

  t.is(error!.code, 'ERR_DIFFERENT_SOURCE');
});

test('unsubscribing ends the reading of described ratings', async (t) => {
  const { path } = await ratingFile(t, 'parquet', 'numbers');
  const described = await lastValueFrom(fromFile(path, { readBy: 'workers' }));
  // Modules that other tests load are read from files.
  await untilTrue(() => !activeResources().some((resource) => resource.startsWith('FSReq')));
  const before = activeResources();
  const events: unknown[] = [];

  const training = of(described)
    .pipe(train({ rank: 4, placement: inProcess() }))
    .subscribe({ next: (event) => events.push(event), error: (error) => events.push(error) });
  await setTimeout(2);
  training.unsubscribe();

  t.deepEqual(await untilQuiet(before), before);
  t.deepEqual(events, []);
});

test('rows are not routed by ratings that only workers read', async (t) => {
  const { path } = await ratingFile(t, 'csv', 'numbers');
  const { kernels: _, ...placement } = nodes({ servers: 'nats://127.0.0.1:1', routing: 'routed' });
  const events$ = fromFile(path, { readBy: 'workers' }).pipe(train({ rank: 4, placement }));

  const error = await t.throwsAsync(lastValueFrom(events$), { instanceOf: PlacementError });

  t.regex(error!.message, /try routing: 'broadcast'/);
});

test('ratings that workers read cannot be withheld here', async (t) => {
  const { path } = await ratingFile(t, 'csv', 'numbers');
  // The types forbid it.
  const ratings$ = fromFile(path, { readBy: 'workers' } as object);

  await t.throwsAsync(lastValueFrom(ratings$.pipe(holdout())), {
    instanceOf: MissingRatingsError,
    code: 'ERR_MISSING_RATINGS',
  });
});

test('a source that others than workers should read is refused', async (t) => {
  await t.throwsAsync(lastValueFrom(fromSql('SELECT 1', { readBy: 'me' } as object)), {
    instanceOf: InvalidOptionError,
    message: /^option readBy/,
  });
});

test('every subscription describes the source anew', async (t) => {
  const { folder } = await ratingFile(t, 'parquet', 'numbers');
  const [csv, parquet] = (await readdir(folder)).sort().map((name) => join(folder, name));
  const described$ = fromSql(`FROM '${csv}' UNION ALL FROM '${parquet}'`, {
    duplicates: 'max',
    readBy: 'workers',
  });

  const first = await lastValueFrom(described$.pipe(toArray()));
  const second = await lastValueFrom(described$.pipe(toArray()));

  t.is(first.length, 1);
  t.not(first[0], second[0]);
  t.deepEqual(first[0]!.described, second[0]!.described);
  t.is(first[0]!.described.source.contents.rows, 800);
});
