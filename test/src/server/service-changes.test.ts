import { readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { FactorModel } from '../../../src/model/factor-model.js';
import { createService } from '../../../src/server/create-service.js';
import { randomModel, smallModel } from '../../helpers/builders/models.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { itemIds, serviceFor } from '../../helpers/builders/services.js';

const shape = { rank: 4, users: 20, items: 30 };

test('no answer is dropped or mixed while models change', async (t) => {
  const models = [1, 2, 3, 4].map((seed) => randomModel({ ...shape, seed }));
  const expected = models.map((model) => model.recommend(7, { count: 5 }));
  const { get, service } = await serviceFor(t, {}, models[0]);
  const answers = [get('/users/7/recommendations?count=5')];
  await answers[0];
  const askAll = () => {
    for (let n = 0; n < 25; n++) answers.push(get('/users/7/recommendations?count=5'));
  };

  for (const model of models.slice(1)) {
    askAll();
    const swapped = service.swap(model);
    askAll();
    await swapped;
  }
  askAll();

  const generations = new Set<number>();
  for (const { status, body } of await Promise.all(answers)) {
    t.is(status, 200);
    t.deepEqual(body.items, expected[body.generation - 1]);
    generations.add(body.generation);
  }
  t.true(generations.has(1) && generations.has(4));
});

test('interactions of the log are folded into a model that was not trained on them, and only then', async (t) => {
  const folder = await scratchFolder(t);
  const model = smallModel();
  const interactions = [
    { user: 'a', item: 20, rating: 2 },
    { user: 'eve', item: 30, rating: 1 },
  ];
  const first = await createService(model, { log: folder });
  const request = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const body = JSON.stringify({ interactions });
  await first.handler(new Request('http://x/interactions', { ...request, body }));
  await first.close();

  const { get, events, service } = await serviceFor(t, { log: folder }, model);
  t.is((await get('/users/a/recommendations')).body.source, 'interactions');
  t.deepEqual(itemIds(await get('/users/a/recommendations')), [30, 40]);

  await service.swap(model.partialFit(interactions));
  t.like(events.at(-1), { type: 'swapped', foldedUsers: 0 });
  t.is((await get('/users/a/recommendations')).body.source, 'model');
  t.is((await get('/users/eve/recommendations')).body.source, 'model');

  // The model before does not have them.
  await service.rollback();
  t.is((await get('/users/eve/recommendations')).body.source, 'interactions');
});

test('a model that is damaged, empty or has no numbers is refused, and the old one answers', async (t) => {
  const folder = join(await scratchFolder(t), 'model');
  await randomModel({ ...shape, seed: 2 }).save(folder);
  const { get, service, events } = await serviceFor(t, {}, randomModel(shape));
  const before = (await get('/users/7/recommendations')).body.items;
  const data = readdirSync(folder).find((name) => name.startsWith('item-factors'))!;
  truncateSync(join(folder, data), 100);

  await t.throwsAsync(service.swap(folder), { code: 'ERR_MODEL_CHECKSUM' });
  rmSync(folder, { recursive: true });
  await t.throwsAsync(service.swap(folder), { code: 'ERR_MODEL_NOT_FOUND' });
  const model = randomModel(shape);
  model.itemFactors.fill(Number.NaN);
  await t.throwsAsync(service.swap(model), { code: 'ERR_MODEL_FORMAT' });

  const { body } = await get('/users/7/recommendations');
  t.is(body.generation, 1);
  t.deepEqual(body.items, before);
  t.is(events.filter(({ type }) => type === 'refused').length, 3);
});

test('a service saves the index that it had to build, and reads it the next time', async (t) => {
  const folder = join(await scratchFolder(t), 'model');
  await randomModel({ rank: 64, users: 2, items: 3200 }).save(folder);

  const first = await serviceFor(t, {}, folder);
  await first.service.reload();
  const second = await serviceFor(t, {}, folder);
  const [built, read, again] = [...first.events, ...second.events].filter(
    ({ type }) => type === 'indexed',
  );

  t.like(built, { from: 'rows', found: 'no saved index', unsaved: undefined });
  t.like(read, { from: 'file', found: undefined });
  t.like(again, { from: 'file', found: undefined });
  const lists = await Promise.all(
    [first, second].map(({ get }) => get('/users/1/recommendations')),
  );
  t.deepEqual(lists[0]!.body.items, lists[1]!.body.items);
});

test('a model that is saved over the one in service is taken, a rollback is not undone', async (t) => {
  const folder = join(await scratchFolder(t), 'model');
  await randomModel(shape).save(folder);
  const next = randomModel({ ...shape, seed: 2 });
  let taken: () => void = () => {};
  const change = new Promise<void>((resolve) => {
    taken = resolve;
  });
  const onEvent = ({ type, ...event }: { type: string; reason?: string }) => {
    if (type === 'swapped' && event.reason === 'file') taken();
  };
  const { get, service } = await serviceFor(t, { onEvent }, folder);

  await next.save(folder);
  // Looking for changes keeps no process alive.
  const alive = setInterval(() => {}, 1_000);
  await change;
  clearInterval(alive);

  t.deepEqual((await get('/users/7/recommendations')).body.items, next.recommend(7));
  t.is(await service.rollback(), 3);
  t.deepEqual((await get('/users/7/recommendations')).body.items, randomModel(shape).recommend(7));
  await t.throwsAsync(service.rollback(), { message: /found no model before/ });
});

test('POST /model needs an admin token, and loads or goes back', async (t) => {
  const folder = join(await scratchFolder(t), 'model');
  await randomModel(shape).save(folder);
  const options = { watch: false, tokens: ['reader-1'], adminTokens: ['the-admin'] };
  const { post } = await serviceFor(t, options, folder);
  const as = (token: string) => ({ authorization: `Bearer ${token}` });

  t.is((await post('/model', '{}', as('reader-1'))).status, 401);
  t.like(await post('/model', '{}', as('the-admin')), { status: 200, body: { taken: 2 } });
  t.like(await post('/model?rollback=true', '{}', as('the-admin')), { body: { taken: 3 } });
  t.is((await post('/model?rollback=true', '{}', as('the-admin'))).status, 409);
  rmSync(folder, { recursive: true });
  const refused = await post('/model', '{}', as('the-admin'));
  t.like(refused, { status: 422, body: { error: { code: 'ERR_MODEL_NOT_FOUND' } } });
  const { post: ofNoAdmin } = await serviceFor(t);
  t.is((await ofNoAdmin('/model', '{}', as('the-admin'))).status, 403);
});

test('a model without what its users rated leaves out what they did since', async (t) => {
  const { userFactors, itemFactors, settings } = smallModel();
  const { idsOf } = FactorModel.prototype;
  const model = new FactorModel({
    ...{ rank: 2, userFactors, itemFactors, settings },
    users: idsOf.call(smallModel(), 'user'),
    items: idsOf.call(smallModel(), 'item'),
    seen: undefined,
  });
  const { get, post } = await serviceFor(t, {}, model);

  await post('/interactions', { interactions: [{ user: 'a', item: 20 }] });

  t.deepEqual(itemIds(await get('/users/a/recommendations')), [10, 30, 40]);
  t.is((await get('/popular')).status, 409);
});
