import Fastify from 'fastify';
import { createService, fromRatings, trainModel } from 'seesaw';

const model = await trainModel(
  fromRatings([
    { user: 'ann', item: 'tea' },
    { user: 'ann', item: 'jam' },
    { user: 'bob', item: 'tea' },
    { user: 'bob', item: 'jam' },
    { user: 'bob', item: 'bun' },
    { user: 'cat', item: 'nut' },
  ]),
  { rank: 2, iterations: 10 },
);
const service = await createService(model);

const app = Fastify();
app.get('/', async () => ({ shop: 'open' }));
// Below its prefix the service has its own checks, errors and limits; the rest of the shop keeps its own.
await app.register(service.plugin, { prefix: '/recommend' });

for (const url of [
  '/',
  '/recommend/users/ann/recommendations?count=1',
  '/recommend/users/zed/recommendations',
  '/nowhere',
]) {
  const { statusCode, body } = await app.inject(url);
  const { shop, items, error } = JSON.parse(body);
  console.log(statusCode, url, shop ?? items?.[0].itemId ?? error.code ?? error);
}

await app.close();
await service.close();
