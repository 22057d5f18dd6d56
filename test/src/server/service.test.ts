import test from 'ava';
import { createService } from '../../../src/server/create-service.js';
import { ServiceError } from '../../../src/server/service-errors.js';
import { randomModel, smallModel } from '../../helpers/builders/models.js';
import { itemIds, serviceFor } from '../../helpers/builders/services.js';

test('a list of a service is that of the model, with the generation and the id of the request', async (t) => {
  const model = randomModel({ rank: 4, users: 20, items: 30 });
  const { get } = await serviceFor(t, {}, model);

  const answer = await get('/users/7/recommendations?count=5', { 'x-request-id': 'mine-1' });

  t.is(answer.status, 200);
  t.deepEqual(answer.body.items, model.recommend(7, { count: 5 }));
  t.is(answer.body.source, 'model');
  t.is(answer.body.generation, 1);
  t.is(answer.body.requestId, 'mine-1');
  t.is(answer.headers.get('x-request-id'), 'mine-1');
  t.is(answer.headers.get('x-model-generation'), '1');
});

test('filters, pages and bounds of scores act as their names say', async (t) => {
  const { get } = await serviceFor(t, {
    items: [
      { itemId: 20, title: 'Twenty', categories: ['Even'] },
      { itemId: 30, categories: ['Even', 'Odd'], attributes: { year: 1999 } },
    ],
  });
  const ids = async (query: string) => itemIds(await get(`/users/a/recommendations${query}`));

  t.deepEqual(await ids(''), [20, 30, 40]);
  t.deepEqual(await ids('?filterSeen=false'), [10, 20, 30, 40]);
  t.deepEqual(await ids('?count=1&offset=1'), [30]);
  t.deepEqual(await ids('?deny=20,40'), [30]);
  t.deepEqual(await ids('?exclude=20&exclude=30'), [40]);
  t.deepEqual(await ids('?allow=40&allow=20'), [20, 40]);
  t.deepEqual(await ids('?category=ODD'), [30]);
  t.deepEqual(await ids('?category=even&allow=20,40'), [20]);
  t.deepEqual(await ids('?category=none'), []);
  t.deepEqual(await ids('?minScore=3'), [20, 30]);
  const { body } = await get('/users/a/recommendations');
  t.is(body.items[0].title, 'Twenty');
  t.deepEqual(body.items[1].attributes, { year: 1999 });
});

test('similar items, explanations and popular items are those of the model', async (t) => {
  const model = smallModel();
  const { get } = await serviceFor(t, {}, model);

  const similar = await get('/items/20/similar?count=2');
  t.deepEqual(similar.body.items, model.similarItems(20, { count: 2 }));
  const explained = await get('/users/b/explanations/10');
  t.is(explained.body.predicted, model.predict('b', 10));
  t.is(explained.body.contributions.length, 2);
  t.deepEqual(itemIds(await get('/popular?count=2')), [10, 20]);
});

test('unknown users get an error without ids of others, or what is popular', async (t) => {
  const { get } = await serviceFor(t);

  const unknown = await get('/users/zed/recommendations');
  t.is(unknown.status, 404);
  t.is(unknown.body.error.code, 'ERR_UNKNOWN_ID');
  t.notRegex(unknown.body.error.message, /"[abc]"/);
  const popular = await get('/users/zed/recommendations?fallback=popular&count=1');
  t.is(popular.body.source, 'popular');
  t.deepEqual(itemIds(popular), [10]);
  t.is((await get('/items/99/similar')).status, 404);
});

test('an unknown user gets a list for given interactions, and nothing is kept', async (t) => {
  const model = smallModel();
  const { get, post } = await serviceFor(t, {}, model);

  const { body } = await post('/recommendations', {
    interactions: [{ item: 20, rating: 2 }, { item: '10' }, { item: 'gone' }],
    count: 2,
  });

  const folded = model.foldInUser([{ item: 20, rating: 2 }, { item: 10 }]);
  t.deepEqual(body.items, model.recommend(folded, { count: 2 }));
  t.is(body.unknownItems, 1);
  t.is((await get('/users/undefined/recommendations')).status, 404);
});

test('a batch has a list or an error for every user, in order', async (t) => {
  const { post } = await serviceFor(t);

  const { body } = await post('/batch', { users: ['b', 'zed', 'a'], count: 1 });

  t.deepEqual(
    body.lists.map(({ user, error }: { user: string; error?: object }) => [
      user,
      error === undefined,
    ]),
    [
      ['b', true],
      ['zed', false],
      ['a', true],
    ],
  );
});

test('an interaction changes the next list of its user as a fold-in of all ratings does', async (t) => {
  const model = smallModel();
  const { get, post } = await serviceFor(t, {}, model);

  const stored = await post('/interactions', {
    interactions: [
      { user: 'eve', item: 20, rating: 3 },
      { user: 'a', item: 30 },
      { user: 'a', item: 'unheard of' },
    ],
  });
  t.like(stored.body, { stored: 3, isDurable: false, unknownItems: 1 });

  const eve = await get('/users/eve/recommendations');
  t.is(eve.body.source, 'interactions');
  t.deepEqual(eve.body.items, model.recommend(model.foldInUser([{ item: 20, rating: 3 }])));
  const a = await get('/users/a/recommendations');
  const all = model.foldInUser([{ item: 10, rating: 5 }, { item: 30 }]);
  t.deepEqual(a.body.items, model.recommend(all));
});

test('what was shown counts as seen', async (t) => {
  const { get, post } = await serviceFor(t);

  t.is((await post('/impressions', { user: 'a', items: [20, 30] })).status, 200);

  t.deepEqual(itemIds(await get('/users/a/recommendations')), [40]);
  t.deepEqual(itemIds(await get('/users/a/recommendations?filterSeen=false')), [10, 20, 30, 40]);
  t.deepEqual(itemIds(await get('/users/b/recommendations')), [10, 40]);
});

test('a request that does not fit its schema is told what of it, and what was expected', async (t) => {
  const { get, post } = await serviceFor(t, { limits: { list: 20 } });
  const interactions = [{ user: 'a' }];
  const answers = [
    get('/users/a/recommendations?count=21'),
    get('/users/a/recommendations?cuont=1'),
    get('/users/nobody/recommendations?fallback=random'),
    get(`/users/${'a'.repeat(513)}/recommendations`),
    post('/interactions', { interactions }),
    post('/batch', { users: [] }),
    post('/batch', '[]'),
  ];

  t.deepEqual(await Promise.all(answers.map(async (each) => (await each).body.error.message)), [
    'found that count of the address does not fit; expected it to be <= 20',
    'found an unknown "cuont" in the address; expected names that /openapi.json has',
    'found that fallback of the address does not fit; expected it to be equal to one of the allowed values: popular',
    'found that user of the address does not fit; expected it not to have more than 512 characters',
    'found no item in interactions.0 of the body; expected one',
    'found that users of the body does not fit; expected it not to have fewer than 1 items',
    'found that the body does not fit; expected it to be object',
  ]);
});

test('requests that are wrong are refused with what was wrong', async (t) => {
  const { get, post } = await serviceFor(t, { limits: { list: 20, batch: 2, bodyBytes: 1024 } });
  const refused = async (
    answer: Promise<{ status: number; body: { error: { code: string } } }>,
  ) => {
    const { status, body } = await answer;
    return `${status} ${body.error.code}`;
  };

  t.is(await refused(get('/users/a/recommendations?count=0')), '400 ERR_INVALID_REQUEST');
  t.is(await refused(get('/users/a/recommendations?count=15&offset=6')), '400 ERR_INVALID_REQUEST');
  t.is(await refused(get('/users/a/recommendations?cuont=1')), '400 ERR_INVALID_REQUEST');
  t.is(await refused(get('/users/a/recommendations?deny=1,2,3')), '400 ERR_INVALID_REQUEST');
  t.is(await refused(get('/users/%zz/recommendations')), '400 ERR_INVALID_REQUEST');
  t.is(await refused(get('/nowhere')), '404 ERR_NOT_FOUND');
  t.is(await refused(post('/batch', { users: ['a', 'b', 'c'] })), '400 ERR_INVALID_REQUEST');
  t.is(
    await refused(post('/batch', { users: Array(2).fill('a'), count: 21 })),
    '400 ERR_INVALID_REQUEST',
  );
  t.is(await refused(post('/batch', { users: ['a'], count: '3' })), '400 ERR_INVALID_REQUEST');
  t.is(await refused(post('/batch', '{"users":')), '400 ERR_INVALID_REQUEST');
  t.is(await refused(post('/batch', '{"__proto__":{"users":[]}}')), '400 ERR_INVALID_REQUEST');
  t.is(await refused(post('/batch', ' '.repeat(2000))), '413 ERR_TOO_LARGE');
  const csv = await post('/batch', 'a', { 'content-type': 'text/csv' });
  t.is(`${csv.status} ${csv.body.error.code}`, '415 ERR_CONTENT_TYPE');
  t.regex(csv.body.error.message, /expected JSON with the header content-type: application\/json/);
  for (const rating of ['-1', '1e7', '1e999', '"5"', 'null', '1e-60']) {
    const body = `{"interactions":[{"user":"a","item":10,"rating":${rating}}]}`;
    t.regex(await refused(post('/interactions', body)), /^400 ERR_INVALID_R/, rating);
  }
});

test('numbers and texts of an id mean the same, and no other id', async (t) => {
  const model = smallModel({ userIds: [1, 12, 7n ** 30n], itemIds: [10, 20, 30, 40] });
  const { get } = await serviceFor(t, {}, model);

  t.is((await get('/users/12/recommendations')).status, 200);
  t.is((await get(`/users/${7n ** 30n}/recommendations`)).status, 200);
  for (const other of ['01', '1.0', '+1', '1e0', '%201', '0x1', '-0']) {
    t.is((await get(`/users/${other}/recommendations`)).status, 404, other);
  }
});

test('a service that is closed answers so, and is not opened again', async (t) => {
  const service = await createService(smallModel());
  const status = async () => (await service.handler(new Request('http://x/popular'))).status;
  t.is(await status(), 200);
  await t.throwsAsync(service.swap(3 as never), { code: 'ERR_INVALID_OPTION' });
  await t.throwsAsync(service.rollback(), { instanceOf: ServiceError, code: 'ERR_NO_ROLLBACK' });
  await t.throwsAsync(service.retrain(), { code: 'ERR_RETRAIN', message: /schedule/ });

  await service.close();

  t.is(await status(), 503);
  for (const use of [service.listen({ port: 0 }), service.swap(smallModel()), service.rollback()]) {
    await t.throwsAsync(use, { instanceOf: ServiceError, code: 'ERR_SERVICE_CLOSED' });
  }
});
