import type { Worker } from 'node:worker_threads';
import test, { type ExecutionContext } from 'ava';
import { concat, lastValueFrom, NEVER, of, take, tap, throwError, toArray } from 'rxjs';
import { inProcess } from '../../actors/placements/in-process.js';
import { threads } from '../../actors/placements/threads/threads.js';
import { recommendAll } from '../../dataflow/recommend-all.js';
import { train } from '../../dataflow/training/train.js';
import type { TrainingEvent } from '../../dataflow/training/training-event.js';
import { InvalidOptionError, UnknownIdError } from '../../src/errors.js';
import type { RankingFault, UserRecommendations } from '../../src/model/recommender.js';
import { randomRatings } from '../helpers/builders/jobs.js';
import { listsOneByOne, modelOf, randomModel } from '../helpers/builders/models.js';
import { anyGpu, testOnGpu } from '../helpers/builders/software-gpu.js';
import { untilTrue } from '../helpers/probes/resources.js';
import { otherEvents } from '../helpers/suites/other-events.js';

const placement = inProcess();
const model = randomModel({ rank: 8, users: 500, items: 300 });

test(otherEvents, recommendAll({ placement }), 'drops');

test('a model becomes the lists of all its users', async (t) => {
  const lists = await lastValueFrom(of(model).pipe(recommendAll({ placement }), toArray()));

  t.deepEqual(lists, listsOneByOne(model));
});

test('the filters are those of recommend, read again by every subscription', async (t) => {
  const deny = function* () {
    yield* [1, 2, 3];
  };
  const filter = { count: 3, filterSeen: false, allow: [1, 2, 7, 8, 9], users: [4, 2] };
  const lists$ = of(model).pipe(recommendAll({ placement, ...filter, deny: deny() }), toArray());
  const expected = listsOneByOne(model, { ...filter, deny: [1, 2, 3] });

  t.deepEqual(await lastValueFrom(lists$), expected);
  t.deepEqual(await lastValueFrom(lists$), expected);
});

test('of the events of training the finished model is used', async (t) => {
  const events: TrainingEvent[] = [];
  const ratings$ = of(randomRatings({ users: 30, items: 20, density: 0.3 }));
  await ratings$.pipe(train({ rank: 4, iterations: 1, placement })).forEach((event) => {
    events.push(event);
  });

  const lists = await lastValueFrom(of(...events).pipe(recommendAll({ placement }), toArray()));

  const finished = events.at(-1)!;
  t.true(finished.type === 'finished' && lists.length === 30);
  if (finished.type === 'finished') t.deepEqual(lists, listsOneByOne(finished.model));
});

test('an empty source is an empty stream, and its errors pass through', async (t) => {
  const broken = throwError(() => new RangeError('no source'));

  t.deepEqual(await lastValueFrom(of().pipe(recommendAll({ placement }), toArray())), []);
  await t.throwsAsync(lastValueFrom(broken.pipe(recommendAll({ placement }))), {
    message: 'no source',
  });
});

test('wrong options are refused at once, unknown users when they are looked up', async (t) => {
  t.throws(() => recommendAll({ count: 0 }), { instanceOf: InvalidOptionError });
  t.throws(() => recommendAll({ placement: 'here' as never }), { instanceOf: InvalidOptionError });
  t.throws(() => recommendAll({ kernel: 'reference' as never }), {
    instanceOf: InvalidOptionError,
  });
  t.throws(() => recommendAll({ kernel: 'gpu', count: 2049 }), { instanceOf: InvalidOptionError });

  const lists$ = of(model).pipe(recommendAll({ placement, users: [1, 500] }));
  await t.throwsAsync(lastValueFrom(lists$), { instanceOf: UnknownIdError });
  const filtered$ = of(model).pipe(recommendAll({ placement, allow: 'abc' }));
  await t.throwsAsync(lastValueFrom(filtered$), { instanceOf: InvalidOptionError });
});

/** Tells whether the threads that start from now on have started and ended. */
function watchThreads(t: ExecutionContext): () => boolean {
  const workers: Worker[] = [];
  const collect = (worker: Worker) => workers.push(worker);
  process.on('worker', collect);
  t.teardown(() => process.off('worker', collect));
  return () => workers.length > 0 && workers.every(({ threadId }) => threadId === -1);
}

test.serial('taking a few lists leaves no thread behind', async (t) => {
  const threadsHaveEnded = watchThreads(t);
  const source$ = concat(of(model), NEVER);

  const lists = await lastValueFrom(
    source$.pipe(recommendAll({ placement: threads(2) }), take(3), toArray()),
  );

  t.deepEqual(lists, listsOneByOne(model, { users: [0, 1, 2] }));
  t.true(await untilTrue(threadsHaveEnded));
});

test.serial('unsubscribing at once emits nothing and leaves no thread behind', async (t) => {
  const threadsHaveEnded = watchThreads(t);
  const emitted: unknown[] = [];

  const subscription = of(model)
    .pipe(recommendAll({ placement: threads(2) }))
    .subscribe({ next: (list) => emitted.push(list), error: (error) => emitted.push(error) });
  subscription.unsubscribe();

  t.true(await untilTrue(threadsHaveEnded));
  t.deepEqual(emitted, []);
});

testOnGpu('a GPU makes the same lists, also when it is lost half-way', async (t) => {
  // A high rank makes many blocks of few users.
  const [rank, users, items] = [4096, 8000, 20];
  const row = (_: unknown, at: number) => ((at * 7919) % 10_007) / 10_007 - 0.5;
  const large = modelOf(
    rank,
    Float32Array.from({ length: users * rank }, row),
    Float32Array.from({ length: items * rank }, row),
  );
  const faults: RankingFault[] = [];
  const lists: UserRecommendations[] = [];

  await of(large)
    .pipe(
      recommendAll({
        placement: threads(2),
        kernel: 'gpu',
        gpu: { software: true },
        onFault: (fault) => faults.push(fault),
        count: 5,
      }),
      tap(() => anyGpu!.giveUp('pulled out')),
    )
    .forEach((list) => {
      lists.push(list);
    });

  t.deepEqual(lists, listsOneByOne(large, { count: 5 }));
  t.is(faults.length, 1);
  t.regex(faults[0]!.message, /pulled out/);
});
