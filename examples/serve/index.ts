import { readFileSync } from 'node:fs';
import { createService, fromFile, trainModel } from 'seesaw';

const folder = 'examples/data/movielens-small';
const options = { rank: 32, alpha: 5, regularization: 30 };

/** `1,Toy Story,1995,Adventure|Animation`: what answers show beside the id. */
const items = readFileSync(`${folder}/movies.csv`, 'utf8')
  .split('\n')
  .map((line) => /^(\d+),("?)(.*)\2,(\d*),(.*)$/.exec(line))
  .filter((match) => match !== null)
  .map(([, itemId, , title, , genres]) => ({
    itemId: Number(itemId),
    title: title!,
    categories: genres!.split('|'),
  }));

const model = await trainModel(fromFile(`${folder}/ratings.csv`), { ...options, iterations: 5 });
const service = await createService(model, { items });
const { url } = await service.listen({ port: 0 });

interface Answer {
  readonly items: readonly { readonly title: string }[];
  readonly source: string;
  readonly generation: number;
  readonly error: { readonly code: string };
}

async function ask(path: string, body?: object): Promise<Answer> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const response = await fetch(url + path, body && { ...post, body: JSON.stringify(body) });
  return (await response.json()) as Answer;
}

async function list(path: string, body?: object): Promise<string> {
  const { items } = await ask(path, body);
  return items.map(({ title }) => title).join(' · ');
}

console.log('for user 42:', await list('/users/42/recommendations?count=2'));
console.log('western:    ', await list('/users/42/recommendations?count=2&category=western'));
console.log('like 260:   ', await list('/items/260/similar?count=2'));

console.log('eve:        ', (await ask('/users/eve/recommendations')).error.code);
await ask('/interactions', {
  interactions: [
    { user: 'eve', item: 1 },
    { user: 'eve', item: 588 },
  ],
});
console.log('eve now:    ', await list('/users/eve/recommendations?count=2'));

const next = await trainModel(fromFile(`${folder}/ratings.csv`), { ...options, iterations: 6 });
await service.swap(next);
const { generation, source } = await ask('/users/eve/recommendations?count=1');
console.log(`eve has a list from ${source} with model ${generation}, too`);

await service.close();
