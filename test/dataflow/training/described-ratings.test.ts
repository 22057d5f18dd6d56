import { appendFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { lastValueFrom, type Observable, of, tap, toArray } from 'rxjs';
import { inProcess } from '../../../actors/placements/in-process.js';
import { nodes } from '../../../actors/placements/nodes/nodes.js';
import type { Placement } from '../../../actors/placements/placement.js';
import { threads } from '../../../actors/placements/threads/threads.js';
import { type EvaluationEvent, evaluate } from '../../../dataflow/evaluate.js';
import { recommendAll } from '../../../dataflow/recommend-all.js';
import { fromFile } from '../../../dataflow/sources/from-file.js';
import { fromSql } from '../../../dataflow/sources/from-sql.js';
import { crossValidate } from '../../../dataflow/splits/cross-validate.js';
import { holdout } from '../../../dataflow/splits/holdout.js';
import { type TrainingOptions, train } from '../../../dataflow/training/train.js';
import type { TrainingEvent } from '../../../dataflow/training/training-event.js';
import { InvalidOptionError } from '../../../src/errors.js';
import type { ReadOptions } from '../../../src/io/read-options.js';
import type { FactorModel } from '../../../src/model/factor-model.js';
import { loadModel } from '../../../src/model/store/load-model.js';
import { writeModel } from '../../../src/model/store/write-model.js';
import type { DescribedRatings, DescribedSplit } from '../../../src/ratings/described-ratings.js';
import { fingerprintRatings } from '../../../src/ratings/fingerprint.js';
import type { RatingsOutline, RatingsSplit } from '../../../src/ratings/ratings.js';
import type { HoldoutOptions } from '../../../src/ratings/split/holdout-options.js';
import { type IdStyle, ratingFile } from '../../helpers/builders/rating-files.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
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

test('a file that changes after it was described changes nothing', async (t) => {
  const { path } = await ratingFile(t, 'csv', 'numbers');
  const options = { rank: 4, iterations: 2, placement: inProcess() } as const;
  const expected = await eventsOf(fromFile(path).pipe(train(options)));

  const events = await eventsOf(
    fromFile(path, { readBy: 'workers' }).pipe(
      tap(() => appendFileSync(path, '1,1,1,1\n')),
      train(options),
    ),
  );

  t.deepEqual(factorsOfRun(events), factorsOfRun(expected));
});

test.serial('unsubscribing ends the reading of described ratings', async (t) => {
  const { path } = await ratingFile(t, 'parquet', 'numbers');
  await lastValueFrom(fromFile(path, { readBy: 'workers' }));
  // Modules that other tests load are read from files.
  await untilTrue(() => !activeResources().some((resource) => resource.startsWith('FSReq')));
  const before = activeResources();
  const events: unknown[] = [];

  const training = fromFile(path, { readBy: 'workers' })
    .pipe(train({ rank: 4, placement: inProcess() }))
    .subscribe({ next: (event) => events.push(event), error: (error) => events.push(error) });
  await setTimeout(2);
  training.unsubscribe();

  t.deepEqual(await untilQuiet(before), before);
  t.deepEqual(events, []);
});

for (const [what, withheld, settings] of [
  ['a share, implicit', { fraction: 0.3, seed: 5 }, { validationUsers: 9 }],
  ['a number, explicit', { perUser: 2 }, { feedback: 'explicit', globalMean: true, biases: true }],
  ['the latest', { last: 2 }, { validationUsers: 9 }],
  ['those after a moment', { after: 3 }, { feedback: 'explicit', globalMean: true }],
  ['whole users', { users: 8, visible: 0.6, seed: 3 }, {}],
] satisfies [string, HoldoutOptions, TrainingOptions][]) {
  test(`described ratings are withheld and measured on as those in memory: ${what}`, async (t) => {
    const { path } = await ratingFile(t, 'parquet', 'words');
    const options = { rank: 6, iterations: 3, blocks: 6, kernel: 'wasm', ...settings } as const;
    const run = async (
      split$: Observable<RatingsSplit | DescribedSplit>,
      placement: Placement,
    ): Promise<(TrainingEvent | EvaluationEvent<3>)[]> =>
      eventsOf(split$.pipe(train({ ...options, placement }), evaluate({ k: [3], auc: true })));

    const found = await run(
      fromFile(path, { readBy: 'workers' }).pipe(holdout(withheld)),
      inParts(threads(2)),
    );
    const expected = await run(fromFile(path).pipe(holdout(withheld)), inProcess());

    const evaluationOf = (events: { readonly type: string }[]) =>
      events.filter(({ type }) => type === 'evaluation');
    t.is(evaluationOf(found).length, 1);
    t.deepEqual(evaluationOf(found), evaluationOf(expected));
    t.deepEqual(factorsOfRun(found), factorsOfRun(expected));
    const validations = (events: (TrainingEvent | EvaluationEvent<3>)[]) =>
      events.map((event) => (event.type === 'iteration' ? event.validation : undefined));
    t.deepEqual(validations(found), validations(expected));
    const finished = finishedOf(found);
    t.is(
      (finished.train as RatingsOutline as DescribedRatings).described.fingerprint,
      await fingerprintRatings(finishedOf(expected).train),
    );
    const folder = await scratchFolder(t);
    await writeModel(finished.model, folder, { batchBytes: 500 });
    const { seen } = finishedOf(expected).model;
    t.deepEqual((await loadModel(folder)).seen, seen);
    t.deepEqual(finished.model.seen, seen);
  });
}

test('described ratings are cross-validated as those in memory', async (t) => {
  const { path } = await ratingFile(t, 'csv', 'numbers');
  const options = { rank: 4, iterations: 2, blocks: 6, kernel: 'wasm' } as const;
  const run = (splits$: Observable<RatingsSplit | DescribedSplit>, placement: Placement) =>
    eventsOf(splits$.pipe(train({ ...options, placement }), evaluate({ k: [3] })));

  const found = await run(
    fromFile(path, { readBy: 'workers' }).pipe(crossValidate(3, { seed: 5 })),
    inParts(inProcess()),
  );
  const expected = await run(fromFile(path).pipe(crossValidate(3, { seed: 5 })), inProcess());

  const measured = (events: readonly { readonly type: string }[]) =>
    events.filter(({ type }) => type === 'evaluation');
  t.is(measured(found).length, 3);
  t.deepEqual(measured(found), measured(expected));
});

test('a model of described ratings leaves out what users rated, and takes further ratings', async (t) => {
  const { path } = await ratingFile(t, 'csv', 'numbers');
  const settings = { rank: 4, iterations: 2, blocks: 6, kernel: 'wasm' } as const;
  const described$ = fromFile(path, { readBy: 'workers' });
  const found = finishedOf(
    await eventsOf(described$.pipe(train({ ...settings, placement: inParts(inProcess()) }))),
  ).model;
  const expected = finishedOf(
    await eventsOf(fromFile(path).pipe(train({ ...settings, placement: inProcess() }))),
  ).model;
  const further = [{ user: found.userIds[0]!, item: found.itemIds.at(-1)!, rating: 2 }];
  const listsOf = (model: FactorModel) =>
    lastValueFrom(of(model).pipe(recommendAll({ count: 3, placement: inProcess() }), toArray()));

  t.deepEqual(await listsOf(found), await listsOf(expected));
  const [fitted, wanted] = [found.partialFit(further), expected.partialFit(further)];
  t.deepEqual(fitted.userFactors, wanted.userFactors);
  t.deepEqual(fitted.itemFactors, wanted.itemFactors);
  t.deepEqual(fitted.seen, wanted.seen);
});

for (const [what, options, message] of [
  ['too small a share', { fraction: 1e-9 }, /withholds a rating of these/],
  ['a moment after all', { after: 99 }, /timestamps go from 0 to 4/],
  ['more users than there are', { users: 50 }, /leaves some of/],
] satisfies [string, HoldoutOptions, RegExp][]) {
  test(`described ratings that cannot be split so are an error: ${what}`, async (t) => {
    const { path } = await ratingFile(t, 'csv', 'numbers');
    const split$ = fromFile(path, { readBy: 'workers' }).pipe(holdout(options));

    await t.throwsAsync(lastValueFrom(split$), { instanceOf: InvalidOptionError, message });
  });
}

test('described ratings without timestamps are not split by time', async (t) => {
  const { path } = await ratingFile(t, 'csv', 'numbers');
  const described$ = fromFile(path, { readBy: 'workers', timestamp: false });

  await t.throwsAsync(lastValueFrom(described$.pipe(holdout({ last: 1 }))), {
    instanceOf: InvalidOptionError,
    message: /ratings with timestamps/,
  });
});

test('workers do not read ratings of which some are withheld', async (t) => {
  const { path } = await ratingFile(t, 'csv', 'numbers');
  const { kernels: _, ...placement } = nodes({ servers: 'nats://127.0.0.1:1' });
  const split$ = fromFile(path, { readBy: 'workers' }).pipe(holdout());

  await t.throwsAsync(lastValueFrom(split$.pipe(train({ rank: 4, placement }))), {
    instanceOf: InvalidOptionError,
    message: /expected threads\(\) or inProcess\(\)/,
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
