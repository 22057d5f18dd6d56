import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import { firstValueFrom, lastValueFrom, of, toArray } from 'rxjs';
import { fromFile } from '../../../dataflow/sources/from-file.js';
import { fromRatings } from '../../../dataflow/sources/from-ratings.js';
import { fromSql } from '../../../dataflow/sources/from-sql.js';
import { synthetic } from '../../../dataflow/sources/synthetic.js';
import {
  InvalidIdError,
  InvalidOptionError,
  InvalidRatingError,
  SourceError,
} from '../../../src/errors.js';
import { triplesByUser } from '../../helpers/builders/rating-triples.js';
import { activeResources, untilQuiet, untilTrue } from '../../helpers/probes/resources.js';

test('rows become one Ratings', async (t) => {
  const rows = [
    { user: 'ann', item: 'tea', rating: 3 },
    { user: 'bob', item: 'tea' },
    { user: 'ann', item: 'jam' },
  ];

  const emitted = await lastValueFrom(fromRatings(rows).pipe(toArray()));

  t.is(emitted.length, 1);
  t.is(emitted[0]!.users.ids.positionOf('bob'), 1);
  t.is(emitted[0]!.byUser.columns.length, 3);
});

test('dense columns become one Ratings whose ids are the indices', async (t) => {
  const ratings = await firstValueFrom(
    fromRatings({ users: [0, 2], items: [1, 1], userCount: 3, itemCount: 4 }),
  );

  t.is(ratings.users.ids.size, 3);
  t.is(ratings.items.ids.at(1), 1);
});

test('rows of an async iterable become one Ratings, when the last has come', async (t) => {
  async function* rows() {
    yield { user: 'ann', item: 'tea', rating: 3 };
    yield { user: 'bob', item: 'tea' };
    yield { user: 'ann', item: 'tea', rating: 5 };
  }

  const [ratings] = await lastValueFrom(fromRatings(rows(), { duplicates: 'sum' }).pipe(toArray()));

  t.deepEqual(triplesByUser(ratings!), [
    ['ann', 'tea', 8],
    ['bob', 'tea', 1],
  ]);
});

test('what is wrong with rows that come one by one is an error of the stream', async (t) => {
  async function* wrong() {
    yield { user: 'ann', item: 'tea', rating: 'good' as never };
  }
  async function* broken() {
    yield { user: 'ann', item: 'tea' };
    throw new RangeError('no more rows');
  }

  await t.throwsAsync(firstValueFrom(fromRatings(wrong())), { instanceOf: InvalidRatingError });
  await t.throwsAsync(firstValueFrom(fromRatings(broken())), { instanceOf: RangeError });
});

test('unsubscribing ends rows that come one by one', async (t) => {
  let given = 0;
  let isEnded = false;
  async function* rows() {
    try {
      for (;;) {
        await nextTurn();
        yield { user: given++, item: 'tea' };
      }
    } finally {
      isEnded = true;
    }
  }

  const subscription = fromRatings(rows()).subscribe(() => t.fail());
  await untilTrue(() => given > 3);
  subscription.unsubscribe();

  t.true(await untilTrue(() => isEnded));
});

test('bad rows are an error of the stream, not of the call', async (t) => {
  const source$ = fromRatings({ users: [9], items: [0], userCount: 3, itemCount: 4 });

  await t.throwsAsync(firstValueFrom(source$), { instanceOf: InvalidIdError });
});

test('synthetic ratings are the same at every subscription', async (t) => {
  const source$ = synthetic({ users: 40, items: 30, density: 0.1, seed: 3 });

  const [first, second] = [await firstValueFrom(source$), await firstValueFrom(source$)];

  t.deepEqual(first.byUser.columns, second.byUser.columns);
  await t.throwsAsync(firstValueFrom(synthetic({ users: 0, items: 3, density: 1 })), {
    instanceOf: InvalidOptionError,
  });
});

test('a query becomes one Ratings', async (t) => {
  const ratings = await firstValueFrom(
    fromSql("select * from (values ('a', 1, 2.5), ('b', 2, 1.0)) as t(user_id, item_id, rating)"),
  );

  t.deepEqual([ratings.users.ids.size, ratings.items.ids.size], [2, 2]);
});

test('a missing file is a typed error of the stream', async (t) => {
  await t.throwsAsync(firstValueFrom(fromFile('no-such-file.csv')), {
    instanceOf: SourceError,
    code: 'ERR_FILE_NOT_FOUND',
  });
});

test('unsubscribing interrupts a query and says nothing more', async (t) => {
  const heard: unknown[] = [];
  const endless = 'select range as user_id, range as item_id from range(100000000000)';
  const subscription = fromSql(endless).subscribe({
    next: (ratings) => heard.push(ratings),
    error: (error) => heard.push(error),
  });

  await untilTrue(() => activeResources().length > 0);
  subscription.unsubscribe();

  t.deepEqual(await untilQuiet([]), []);
  t.deepEqual(heard, []);
});

test('rows of a generator are refused at a second subscription, as they are gone', async (t) => {
  function* generate() {
    yield { user: 'ann', item: 'tea' };
  }
  const ratings$ = fromRatings(generate());
  await firstValueFrom(ratings$);

  await t.throwsAsync(firstValueFrom(ratings$), {
    instanceOf: InvalidOptionError,
    message: /generator that were read before.*try \[\.\.\.rows\]/,
  });
  t.is((await firstValueFrom(fromRatings([...generate()]))).byUser.columns.length, 1);
});

test('rows that are inside something else are refused with what takes them out', async (t) => {
  const rows = [{ user: 'ann', item: 'tea' }];
  const wrapped: readonly (readonly [unknown, RegExp])[] = [
    [of(rows), /an Observable as rows.*toArray/],
    [Promise.resolve(rows), /a Promise as rows.*await/],
    [{ rows }, /rows is an Object; expected an iterable/],
  ];

  for (const [each, message] of wrapped) {
    await t.throwsAsync(firstValueFrom(fromRatings(each as never)), {
      instanceOf: InvalidOptionError,
      message,
    });
  }
});
