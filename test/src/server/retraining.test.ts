import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { ratingsFromRows } from '../../../src/ratings/from-rows.js';
import { createService } from '../../../src/server/create-service.js';
import { sourceOf } from '../../../src/server/retrain/source-of.js';
import { withInteractions } from '../../../src/server/retrain/with-interactions.js';
import { randomModel, smallModel } from '../../helpers/builders/models.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

test('the latest interaction replaces a rating, and new ids have the type of the others', (t) => {
  const rows = [
    { user: 1, item: 'tea', rating: 5 },
    { user: 2, item: 'jam', rating: 1 },
    { user: 2, item: 'tea', rating: 2 },
  ];

  const { byUser, users, items } = withInteractions(ratingsFromRows(rows), [
    { user: '2', item: 'tea', rating: 4, at: 20 },
    { user: '2', item: 'tea', rating: 3, at: 10 },
    { user: '3', item: 'bun', rating: 1, at: 5 },
    { user: 'eve', item: '7', rating: 1, at: 30 },
  ]);

  const found: unknown[] = [];
  for (let row = 0; row < byUser.rowCount; row++) {
    for (let at = byUser.offsets[row]!; at < byUser.offsets[row + 1]!; at++) {
      const item = items.ids.at(items.positions[byUser.columns[at]!]!);
      found.push([users.ids.at(users.positions[row]!), item, byUser.ratings[at]]);
    }
  }
  t.deepEqual(
    found.map(String).sort(),
    [
      [1, 'tea', 5],
      [2, 'jam', 1],
      [2, 'tea', 4],
      [3, 'bun', 1],
      ['eve', '7', 1],
    ]
      .map(String)
      .sort(),
  );
  t.is(typeof users.ids.at(2), 'number');
});

test('a module without rows, and two modules, are refused', async (t) => {
  const folder = await scratchFolder(t);
  writeFileSync(join(folder, 'none.mjs'), 'export default 7;');
  const code = 'ERR_INVALID_OPTION';

  await t.throwsAsync(sourceOf([join(folder, 'none.mjs')]), { code, message: /without rows/ });
  await t.throwsAsync(sourceOf([join(folder, 'a.mjs'), 'b.csv']), { code });
});

test('times that are none, and retraining of a model without a path, are refused at once', async (t) => {
  const folder = join(await scratchFolder(t), 'model');
  await randomModel({ rank: 4, users: 5, items: 5 }).save(folder);
  const code = 'ERR_INVALID_OPTION';

  const wrong = { schedule: 'every morning', from: 'ratings.csv' };
  await t.throwsAsync(createService(folder, { retrain: wrong }), { code, message: /cron/ });
  const right = { schedule: '0 3 * * *', from: 'ratings.csv' };
  await t.throwsAsync(createService(smallModel(), { retrain: right }), { code, message: /path/ });
});

test('a training that fails says why, and the model in service stays', async (t) => {
  const folder = join(await scratchFolder(t), 'model');
  await randomModel({ rank: 4, users: 5, items: 5 }).save(folder);
  const service = await createService(folder, {
    retrain: { schedule: '0 3 * * *', from: join(folder, 'no-such-ratings.csv') },
  });
  t.teardown(() => service.close());

  await t.throwsAsync(service.retrain(), { code: 'ERR_RETRAIN', message: /no-such-ratings/ });

  t.is(service.generation, 1);
});
