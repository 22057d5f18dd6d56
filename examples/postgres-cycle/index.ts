import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { createService, fromRatings, trainModel } from 'seesaw';
import loans from './loans.js';
import { findPostgres, startPrivatePostgres } from './private-postgres.js';

const kitchen = ['Bread', 'Soups', 'Salads', 'Cakes', 'Pasta', 'Pickles'];
const garden = ['Roses', 'Herbs', 'Apples', 'Lawns', 'Tools', 'Bees'];

const bin = findPostgres();
if (bin === undefined) {
  console.error('found no PostgreSQL; expected initdb on the PATH; try apt-get install postgresql');
  process.exit(1);
}
const postgres = await startPrivatePostgres(bin);
const folder = mkdtempSync(join(tmpdir(), 'seesaw-cycle-'));
// For loans.ts, also in the process that trains again.
process.env.DATABASE_URL = postgres.url;

// A library: readers of two kinds, each with all books of the kind but one.
const client = new pg.Client(postgres.url);
await client.connect();
await client.query('CREATE TABLE loans (reader text, book text, at timestamptz DEFAULT now())');
for (let n = 0; n < 24; n++) {
  const books = (n % 2 === 0 ? kitchen : garden).filter((_, at) => at !== (n >> 1) % 6);
  const insert = 'INSERT INTO loans (reader, book) SELECT $1, unnest($2::text[])';
  await client.query(insert, [`reader ${n}`, books]);
}
await client.end();

// Train and serve.
const path = join(folder, 'model');
const options = { rank: 4, iterations: 10, alpha: 10, regularization: 0.1 };
const model = await trainModel(fromRatings(loans()), options);
await model.save(path);
const service = await createService(path, {
  log: join(folder, 'interactions'),
  retrain: {
    schedule: '0 3 * * *',
    from: fileURLToPath(new URL('./loans.js', import.meta.url)),
  },
});
const { url } = await service.listen({ port: 0 });

interface Answer {
  readonly items: readonly { readonly itemId: string }[];
  readonly source: string;
  readonly error?: { readonly code: string };
}

async function ask(route: string, body?: object): Promise<Answer> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const response = await fetch(url + route, body && { ...post, body: JSON.stringify(body) });
  return (await response.json()) as Answer;
}

async function tell(who: string): Promise<void> {
  const { items, source, error } = await ask(`/users/${who}/recommendations?count=1`);
  console.log(`${who}: ${error?.code ?? `${items[0]!.itemId}, from ${source}`}`);
}

await tell('reader 0');
await tell('eve');

console.log('eve takes four books of the kitchen and one that is new');
const taken = [...kitchen.slice(0, 4), 'Spices'];
await ask('/interactions', { interactions: taken.map((item) => ({ user: 'eve', item })) });
await tell('eve');

// What happens every night at three.
await service.retrain();
console.log(`trained again: model ${service.generation}`);
await tell('eve');
const { items } = await ask('/items/Spices/similar?count=3');
const isOfKitchen = items.every(({ itemId }) => kitchen.includes(itemId));
console.log('the new book is like books of the kitchen:', isOfKitchen);

await service.close();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
