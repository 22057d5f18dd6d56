import test from 'ava';
import fc from 'fast-check';
import { InvalidOptionError, UnknownIdError } from '../../../../src/errors.js';
import type { FactorModel } from '../../../../src/model/factor-model.js';
import { fastestLead } from '../../../../src/model/ranking/fastest-lead.js';
import { ItemIndex } from '../../../../src/model/ranking/item-index.js';
import { rowNorms } from '../../../../src/model/similar-rows.js';
import { anyFilter, anyShape } from '../../../helpers/builders/any-model.js';
import { modelOf, randomModel } from '../../../helpers/builders/models.js';

test('any model gives the same lists with an index, to the last bit and tie', async (t) => {
  const property = fc.asyncProperty(anyShape(), anyFilter, async (shape, options) => {
    const [plain, indexed] = [randomModel(shape), randomModel(shape)];
    await indexed.buildIndex();

    for (const user of plain.userIds) {
      t.deepEqual(indexed.recommend(user, options), plain.recommend(user, options));
    }
    for (const item of plain.itemIds.slice(0, 10)) {
      t.deepEqual(indexed.similarItems(item), plain.similarItems(item));
    }
  });
  await fc.assert(property, { seed: 1, numRuns: 150 });
});

test('any number of leading coordinates gives the same lists', (t) => {
  for (const width of [1, 7, 16, 33, 66]) {
    const model = randomModel({ rank: width, users: 6, items: 300, distinctItems: 200 });
    const source = sourceOf(model);
    for (let lead = 1; lead <= width; lead += 5) {
      const index = ItemIndex.build(source, lead);
      for (let user = 0; user < 6; user++) {
        const row = model.userFactors.subarray(user * width, (user + 1) * width);
        const { positions } = index.search({ row, count: 9, score: 'product' });
        const expected = model.recommend(user, { count: 9, filterSeen: false });
        t.deepEqual([...positions], expected.map(({ itemId }) => itemId) as number[]);
      }
    }
  }
});

test('an index that is packed and unpacked finds the same', async (t) => {
  const model = randomModel({ rank: 48, users: 6, items: 300 });
  const source = sourceOf(model);
  for (const lead of [16, 48]) {
    const built = ItemIndex.build(source, lead);
    const unpacked = await ItemIndex.unpack(source, lead, async (regions) => {
      for (const [name, bytes] of regions) bytes.set(built.packed.regions.get(name)!);
    });
    for (let user = 0; user < 6; user++) {
      const row = model.userFactors.subarray(user * 48, (user + 1) * 48);
      const query = { row, count: 9, score: 'product' } as const;
      t.deepEqual(unpacked!.search(query), built.search(query));
    }
  }
});

test('scores that overflow, and rows that are not numbers, give the same lists', async (t) => {
  const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
  const users = Float32Array.of(1, 1, 3e38, 3e38, -3e38, 1, nan, 1, infinity, 0, 1e-30, 1e-30);
  const numbers = Float32Array.of(1, 2, 3e38, 1, -1e-30, 1e-35, 0, 0, 2, 1, -3, 1e-40);
  const others = Float32Array.of(1, 2, 3e38, 1, nan, 4, infinity, 1, -infinity, 1, 0, 0, 2, 1);

  for (const items of [numbers, others]) {
    const [plain, indexed] = [modelOf(2, users, items), modelOf(2, users, items)];
    await indexed.buildIndex();
    for (const user of plain.userIds) t.deepEqual(indexed.recommend(user), plain.recommend(user));
    for (const item of plain.itemIds) {
      t.deepEqual(indexed.similarItems(item), plain.similarItems(item));
    }
  }
});

test('a score that rounds to minus zero ties with zero and stays minus zero', async (t) => {
  const model = modelOf(1, Float32Array.of(1e-30), Float32Array.of(-1e-30, 1e-30, -1, 0));
  await model.buildIndex();

  t.deepEqual(
    model.recommend(0).map(({ score }) => score),
    [-0, 0, 0, Math.fround(-1e-30)],
  );
});

test('a model without items, and a user without a row, have lists too', async (t) => {
  const empty = modelOf(3, new Float32Array(3), new Float32Array(0));
  const zero = modelOf(3, new Float32Array(3), Float32Array.of(1, 2, 3, 4, 5, 6));
  await Promise.all([empty.buildIndex(), zero.buildIndex()]);

  t.deepEqual(empty.recommend(0), []);
  t.deepEqual(zero.recommend(0, { deny: [0] }), [{ itemId: 1, score: 0 }]);
});

test('searches that share their reads find what each finds alone', (t) => {
  const model = randomModel({ rank: 20, users: 20, items: 2000 });
  const index = ItemIndex.build(sourceOf(model));
  const queries = Array.from({ length: 20 }, (_, user) => ({
    row: model.userFactors.subarray(user * 20, (user + 1) * 20),
    count: 1 + 20 * user,
    score: user % 3 === 0 ? ('cosine' as const) : ('product' as const),
    seen: [user, user + 5],
  }));

  const together = index.searchAll(queries);

  t.deepEqual(
    together,
    queries.map((query) => index.search(query)),
  );
});

test('items of falling norm leave most panels unread', (t) => {
  const model = randomModel({ rank: 8, users: 1, items: 3200 });
  for (let item = 0; item < 3200; item++) {
    for (let k = 0; k < 8; k++) model.itemFactors[8 * item + k]! *= 1 / (1 + item);
  }
  const index = ItemIndex.build(sourceOf(model));

  const { panelsRead, scored } = index.search({
    row: model.userFactors,
    count: 10,
    score: 'product',
  });

  t.is(index.panelCount, 100);
  t.true(panelsRead >= 1 && panelsRead <= 10, `${panelsRead} panels`);
  t.true(scored <= 320, `${scored} items scored`);
});

test('a set of items filters as its ids do, whichever model takes it', async (t) => {
  const shape = { rank: 6, users: 4, items: 500 };
  const [plain, indexed] = [randomModel(shape), randomModel(shape)];
  await indexed.buildIndex();
  const ids = Array.from({ length: 60 }, (_, at) => 7 * at);
  const set = indexed.itemSet([...ids, 7, 9999]);

  t.deepEqual([...set], ids);
  t.is(set.size, 60);
  for (const model of [indexed, indexed, plain]) {
    t.deepEqual(model.recommend(1, { allow: set }), plain.recommend(1, { allow: ids }));
    t.deepEqual(model.recommend(1, { deny: set }), plain.recommend(1, { deny: ids }));
    t.deepEqual(
      model.recommend(1, { allow: set, deny: ids.slice(3) }),
      plain.recommend(1, { allow: ids.slice(0, 3) }),
    );
  }
});

test('a set of ids of the wrong type, or of no ids, is an error', (t) => {
  const model = randomModel({ rank: 2, users: 1, items: 3 });

  t.throws(() => model.itemSet(['1']), { instanceOf: UnknownIdError, code: 'ERR_UNKNOWN_ID' });
  t.throws(() => model.itemSet('12'), {
    instanceOf: InvalidOptionError,
    code: 'ERR_INVALID_OPTION',
  });
});

test('a model builds its index once, and by itself after many calls that take long', async (t) => {
  const [built, busy] = [randomModel({ rank: 4, users: 1, items: 9 }), wideModel()];

  const index = await built.buildIndex();
  t.is(await built.buildIndex(), index);
  t.is(built.index, index);
  t.is(busy.index, undefined);
  const lists = Array.from({ length: 26 }, () => busy.recommend(0));

  t.is(busy.index?.itemCount, 17_000);
  t.deepEqual(lists.at(-1), lists[0]);
});

test('few leading coordinates are taken where searches with them take less time', (t) => {
  const model = randomModel({ rank: 48, users: 3, items: 8192 });
  const source = sourceOf(model);

  // Passes with all coordinates, then with few; the first of each does not count.
  t.is(fastestLead(source, model.userFactors, clock([9, 5, 6, 7, 1, 8, 6, 7])), 48);
  t.is(fastestLead(source, model.userFactors, clock([1, 5, 6, 7, 9, 8, 4, 7])), 16);
});

test('a model of few items or of low rank is not timed', (t) => {
  for (const shape of [
    { rank: 48, users: 3, items: 9 },
    { rank: 16, users: 3, items: 8192 },
  ]) {
    const model = randomModel(shape);
    t.is(fastestLead(sourceOf(model), model.userFactors, clock([])), shape.rank);
  }
});

/** A clock that each pass reads twice, so many milliseconds apart. */
function clock(passes: readonly number[]): () => number {
  let readings = 0;
  let time = 0;
  return () => {
    if (readings++ % 2 === 1) time += passes[(readings >> 1) - 1]!;
    return time;
  };
}

/** More than 2²⁰ elements of items. */
function wideModel(): FactorModel {
  const items = Float32Array.from({ length: 17_000 * 64 }, (_, at) => Math.sin(at * at));
  return modelOf(64, items.slice(0, 64), items);
}

function sourceOf(model: FactorModel) {
  const { itemFactors: rows, rank: width } = model;
  return { rows, width, norms: rowNorms(rows, width) };
}
