import { Hono } from 'hono';
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
const service = await createService(model, { basePath: '/recommend' });

interface Answer {
  readonly shop?: string;
  readonly items?: readonly { readonly itemId: string }[];
  readonly error?: { readonly code: string };
}

const app = new Hono();
app.get('/', (context) => context.json({ shop: 'open' }));
app.all('/recommend/*', (context) => service.handler(context.req.raw));

for (const path of [
  '/',
  '/recommend/users/ann/recommendations?count=1',
  '/recommend/users/zed/recommendations',
]) {
  const response = await app.request(path);
  const { shop, items, error } = (await response.json()) as Answer;
  console.log(response.status, path, shop ?? items?.[0]?.itemId ?? error?.code);
}

await service.close();
