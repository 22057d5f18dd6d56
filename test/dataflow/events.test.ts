import test from 'ava';
import { concat, firstValueFrom, Observable, of, Subject, throwError } from 'rxjs';
import { threads } from '../../actors/placements/threads/threads.js';
import { events } from '../../dataflow/events.js';
import { synthetic } from '../../dataflow/sources/synthetic.js';
import { train } from '../../dataflow/training/train.js';
import { InvalidOptionError } from '../../src/errors.js';
import { untilTrue } from '../helpers/probes/resources.js';

const ratings = await firstValueFrom(synthetic({ users: 30, items: 20, density: 0.2, seed: 1 }));
const training = of(ratings).pipe(train({ rank: 4, iterations: 1_000_000, placement: threads(1) }));

/** A run gives its memory back when its threads are closed. */
const { usedBytes } = ratings.arena;
const isClosed = () => untilTrue(() => ratings.arena.usedBytes === usedBytes);

test('a loop sees every value in order, however slow it is', async (t) => {
  const seen: number[] = [];
  for await (const value of events(of(1, 2, 3))) {
    await new Promise(setImmediate);
    seen.push(value);
  }

  t.deepEqual(seen, [1, 2, 3]);
});

test('an error of the stream is thrown after the values before it, once', async (t) => {
  const values = events(
    concat(
      of(1),
      throwError(() => new Error('broke')),
    ),
  );

  t.deepEqual(await values.next(), { done: false, value: 1 });
  await t.throwsAsync(values.next(), { message: 'broke' });
  t.deepEqual(await values.next(), { done: true, value: undefined });
});

test('nothing is subscribed to before the first value is asked for', async (t) => {
  let subscriptions = 0;
  const values = events(
    new Observable<number>((subscriber) => {
      subscriptions++;
      subscriber.complete();
    }),
  );

  t.is(subscriptions, 0);
  await values.next();
  t.is(subscriptions, 1);
});

test('return answers a next that waits, and unsubscribes', async (t) => {
  const subject = new Subject<number>();
  const values = events(subject);
  const waiting = [values.next(), values.next()];

  t.true(subject.observed);
  await values.return!();

  t.deepEqual(await Promise.all(waiting), [
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
  t.false(subject.observed);
  t.deepEqual(await values.next(), { done: true, value: undefined });
});

const leaves = test.macro({
  async exec(t, leave: (loop: () => Promise<void>) => Promise<void>, way: 'break' | 'throw') {
    await leave(async () => {
      for await (const event of events(training)) {
        if (event.type !== 'iteration') continue;
        if (way === 'throw') throw new Error('enough');
        break;
      }
    });

    t.true(await isClosed());
  },
  title: (provided) => `${provided} stops the training and leaves no thread`,
});

test.serial('break', leaves, (loop) => loop(), 'break');
test.serial('an error in the loop', leaves, (loop) => loop().catch(() => {}), 'throw');

test.serial('an abort ends the loop with its reason and stops the training', async (t) => {
  const abort = new AbortController();
  const loop = async () => {
    for await (const event of events(training, { signal: abort.signal })) {
      if (event.type === 'iteration') abort.abort(new Error('enough'));
    }
  };

  await t.throwsAsync(loop(), { message: 'enough' });
  t.true(await isClosed());
});

test('what is no stream, and an unknown option, are refused at once', (t) => {
  t.throws(() => events([1] as never), { instanceOf: InvalidOptionError });
  t.throws(() => events(of(1), { singal: 1 } as never), { message: /try signal/ });
});
