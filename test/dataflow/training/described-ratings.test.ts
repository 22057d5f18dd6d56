import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { lastValueFrom, toArray } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { nodes } from '../../../actors/placements/nodes/nodes.js';
import { fromFile } from '../../../dataflow/sources/from-file.js';
import { fromSql } from '../../../dataflow/sources/from-sql.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { train } from '../../../dataflow/training/train.js';
import { InvalidOptionError, MissingRatingsError, PlacementError } from '../../../src/errors.js';
import { ratingFile } from '../../helpers/builders/rating-files.js';

test('ratings that workers read are trained on nowhere else', async (t) => {
  const { path } = await ratingFile(t, 'csv', 'numbers');
  const events$ = fromFile(path, { readBy: 'workers' }).pipe(
    train({ rank: 4, placement: inProcess() }),
  );

  const error = await t.throwsAsync(lastValueFrom(events$), { instanceOf: PlacementError });

  t.regex(error!.message, /placement in-process; expected nodes/);
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
