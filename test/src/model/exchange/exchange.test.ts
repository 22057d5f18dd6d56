import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { InvalidOptionError, ModelFileError } from '../../../../src/errors.js';
import { openDatabase } from '../../../../src/io/duckdb.js';
import { fileFault } from '../../../../src/io/files/file-fault.js';
import { type WriterToken, withToken } from '../../../../src/io/files/writer-token.js';
import { exportFormats } from '../../../../src/model/exchange/export-formats.js';
import { exportModel } from '../../../../src/model/exchange/export-model.js';
import { npyHeader } from '../../../../src/model/exchange/npy.js';
import { writeZip } from '../../../../src/model/exchange/zip.js';
import { FactorModel } from '../../../../src/model/factor-model.js';
import { loadModel } from '../../../../src/model/store/load-model.js';
import { listedIds } from '../../../../src/ratings/id-vocabulary.js';
import { randomModel, smallModel } from '../../../helpers/builders/models.js';
import { scratchFolder } from '../../../helpers/builders/scratch-folder.js';
import { seesaw } from '../../../helpers/programs/command-line.js';

const wideIds = [7n, 'seven', 'say "7"\n\\', -(2n ** 60n)];

for (const to of ['npz', 'spark'] as const) {
  test(`a model that went out and came back as ${to} has the same rows and ids`, async (t) => {
    const models = [
      smallModel(),
      smallModel({ userIds: [3, 1, 2], itemIds: [40, 30, 20, 10] }),
      smallModel({ userIds: [2 ** 40, 1, 2], itemIds: ['ä', '😀', 'c\t', ''] }),
    ];
    for (const [at, model] of models.entries()) {
      const path = join(await scratchFolder(t), `model${at}.npz`);

      await exportModel(model, path, { to });
      const back = await loadModel(path);

      t.is(back.rank, 2);
      t.false(back.hasSeen);
      for (const user of model.userIds) {
        for (const item of model.itemIds) {
          t.is(back.predict(user, item), model.predict(user, item), `${user} ${String(item)}`);
        }
      }
      t.deepEqual([...back.itemIds].sort(), [...model.itemIds].sort());
    }
  });
}

test('biases and the mean become two columns, and the result says so', async (t) => {
  const model = randomModel({ rank: 3, users: 4, items: 5, biases: true });
  const path = join(await scratchFolder(t), 'model.npz');

  const { notes } = await exportModel(model, path, { to: 'npz' });
  const back = await loadModel(path);

  t.is(back.rank, 5);
  t.regex(notes[0]!, /5 columns: 3 factors and two that carry biases and mean/);
  for (const user of model.userIds) {
    t.deepEqual(
      back.recommend(user, { filterSeen: false }),
      model.recommend(user, { filterSeen: false }),
    );
  }
});

test('a file that implicit saved loads with its options and rows as ids', async (t) => {
  const model = await loadModel('test/fixtures/implicit-als.npz');

  t.deepEqual([...model.userFactors], [1, 2, 3, 4]);
  t.deepEqual(model.recommend(1, { filterSeen: false }), [
    { itemId: 2, score: 7 },
    { itemId: 1, score: 4 },
    { itemId: 0, score: 3 },
  ]);
  const { alpha, regularization, iterations } = model.settings;
  t.deepEqual([alpha, regularization, iterations], [3, 0.5, 4]);
});

test('metadata of Spark is found under the longer name that Spark 4 gives it', async (t) => {
  const path = join(await scratchFolder(t), 'model');
  await exportModel(smallModel({ userIds: [3, 1, 2] }), path, { to: 'spark' });
  const metadata = join(path, 'metadata');
  await rename(join(metadata, 'part-00000'), join(metadata, 'part-00001-6438-c000.txt'));
  await writeFile(join(metadata, 'part-00000-6438-c000.txt'), '');

  t.deepEqual((await loadModel(path)).userIds, [1, 2, 3]);
});

test('ids that Spark cannot hold lie in a side table, and the result says so', async (t) => {
  const path = join(await scratchFolder(t), 'model');

  const { notes } = await exportModel(smallModel(), path, { to: 'spark' });

  t.deepEqual(notes, [
    'Spark holds ids of 32 bits: users have row numbers, and their ids lie in userIds',
  ]);
  t.deepEqual((await readdir(path)).sort(), ['itemFactors', 'metadata', 'userFactors', 'userIds']);
  const side = await query(`FROM '${path}/userIds/*.parquet' ORDER BY id`);
  t.deepEqual(side, [
    { id: 0, originalId: 'a' },
    { id: 1, originalId: 'b' },
    { id: 2, originalId: 'c' },
  ]);
});

test('Parquet, CSV and Arrow hold ids and rows in the order of the model', async (t) => {
  const folder = await scratchFolder(t);
  const model = smallModel({ userIds: ['a "b"', 'c,d', ''] });
  for (const to of ['parquet', 'csv', 'arrow'] as const) {
    await exportModel(model, join(folder, to), { to });
  }

  const parquet = await query(
    `SELECT id, factors[1] AS a, factors[2] AS b FROM '${folder}/parquet/item-factors.parquet'`,
  );
  t.deepEqual(parquet, [
    { id: 10, a: 4, b: 0 },
    { id: 20, a: 3, b: 1 },
    { id: 30, a: 3, b: 2 },
    { id: 40, a: 0, b: 0 },
  ]);
  t.is(
    await readFile(join(folder, 'csv/user-factors.csv'), 'utf8'),
    'id,f0,f1\n"a ""b""",1,0\n"c,d",0,1\n"",0,0\n',
  );
  t.deepEqual((await readdir(join(folder, 'arrow'))).sort(), [
    'item-factors.arrow',
    'user-factors.arrow',
  ]);
});

test('pgvector gets tables with escaped ids', async (t) => {
  const path = join(await scratchFolder(t), 'model.sql');

  await exportModel(smallModel({ itemIds: ['a\tb', 'c\\', 'd\n', 'e'] }), path, { to: 'pgvector' });

  const text = await readFile(path, 'utf8');
  t.true(text.includes('CREATE TABLE items (id text PRIMARY KEY, factors vector(2) NOT NULL);'));
  t.true(text.includes('\na\\tb\t[4,0]\nc\\\\\t[3,1]\nd\\n\t[3,2]\ne\t[0,0]\n\\.\n'), text);
});

test('safetensors has a header of JSON, integer ids as a tensor and text ids as metadata', async (t) => {
  const path = join(await scratchFolder(t), 'model.safetensors');

  await exportModel(smallModel(), path, { to: 'safetensors' });

  const bytes = await readFile(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata, ...tensors } = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  t.deepEqual(JSON.parse(metadata.user_ids), ['a', 'b', 'c']);
  t.deepEqual(tensors, {
    user_factors: { dtype: 'F32', shape: [3, 2], data_offsets: [0, 24] },
    item_factors: { dtype: 'F32', shape: [4, 2], data_offsets: [24, 56] },
    item_ids: { dtype: 'I64', shape: [4], data_offsets: [56, 88] },
  });
  t.is(bytes.length, 8 + length + 88);
  t.is(bytes.readFloatLE(8 + length + 24), 4);
  t.is(bytes.readBigInt64LE(8 + length + 80), 40n);
});

test('ids of several types come back from a file with their types', async (t) => {
  const path = join(await scratchFolder(t), 'model.npz');
  const { rank, settings, userFactors, itemFactors, userIds } = smallModel();
  const users = listedIds(userIds);
  const items = listedIds(wideIds);
  const parts = { rank, settings, userFactors, itemFactors, users, items, seen: undefined };

  await exportModel(new FactorModel(parts), path, { to: 'npz' });

  t.deepEqual((await loadModel(path)).itemIds, [
    '7n',
    '"seven"',
    '"say \\"7\\"\\n\\\\"',
    `${wideIds[3]}n`,
  ]);
});

test('what lies at the path stays, and a wrong format is an error', async (t) => {
  const folder = await scratchFolder(t);
  const path = join(folder, 'mine');
  await writeFile(path, 'mine');

  await t.throwsAsync(exportModel(smallModel(), path, { to: 'npz' }), {
    instanceOf: ModelFileError,
    code: 'ERR_MODEL_TARGET',
  });
  await t.throwsAsync(exportModel(smallModel(), path, { to: 'onnx' as never }), {
    instanceOf: InvalidOptionError,
    message: /onnx.*parquet/,
  });
  t.deepEqual(await readdir(folder), ['mine']);
});

test('what killed exports left is removed by the next one to the path', async (t) => {
  const folder = await scratchFolder(t);
  const path = join(folder, 'model');
  await withToken(async (alive) => {
    const dead = tokenOfTheDead(alive);
    const staying = [`model.${alive}.tmp`, `other.${dead}.tmp`, 'model.tmp'];
    for (const name of [...staying, `model.${dead}.tmp`]) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'user-factors.csv'), 'id');
    }
    await writeFile(join(folder, `model.${dead}.rows.tmp`), 'id');

    await exportModel(smallModel(), path, { to: 'csv' });

    t.deepEqual((await readdir(folder)).sort(), ['model', ...staying].sort());
  });
});

for (const to of exportFormats) {
  test(`an export to ${to} that is aborted leaves nothing`, async (t) => {
    const folder = await scratchFolder(t);
    const controller = new AbortController();
    const reason = new Error('enough');
    const path = join(folder, 'new', 'model');
    const exporting = exportModel(smallModel(), path, { to, signal: controller.signal });

    controller.abort(reason);

    t.is(await t.throwsAsync(exporting), reason);
    t.deepEqual(await readdir(folder), []);
  });
}

const onLinux = process.platform === 'linux' ? test : test.skip;
onLinux('a Parquet file without room is told as any file', async (t) => {
  const database = await openDatabase();
  t.teardown(() => database.close());
  const error = await t.throwsAsync(
    database.run("COPY (SELECT * FROM range(10)) TO '/dev/full' (FORMAT parquet)"),
  );

  t.is(
    fileFault(error, 'model', 'a folder'),
    'found no space left on the disk (ENOSPC) at model; expected a folder; try to free some space, or another path',
  );
});

test('files that are no model of implicit, or hold pickled objects, are refused by name', async (t) => {
  const folder = await scratchFolder(t);
  const path = join(folder, 'model.npz');
  await exportModel(smallModel(), path, { to: 'npz' });
  const bytes = await readFile(path);
  const refused = async (content: Uint8Array, message: RegExp) => {
    await writeFile(path, content);
    await t.throwsAsync(loadModel(path), {
      instanceOf: ModelFileError,
      code: 'ERR_MODEL_FORMAT',
      message,
    });
  };

  await refused(Buffer.from('nothing'), /no zip file/);
  await refused(bytes.subarray(0, bytes.length - 30), /no zip file/);
  const parts = [npyHeader('|O' as never, [2]), Buffer.alloc(16)];
  const pickled = Buffer.concat([...writeZip([{ name: 'user_factors.npy', parts }])]);
  await refused(pickled, /pickled Python objects in user_factors/);
  const flipped = Uint8Array.from(bytes);
  flipped[200]! ^= 1;
  await refused(flipped, /user_factors.npy changed/);
});

test('folders that are no model of Spark are refused', async (t) => {
  const path = join(await scratchFolder(t), 'model');
  await exportModel(smallModel(), path, { to: 'spark' });
  const refused = async (message: RegExp) =>
    t.throwsAsync(loadModel(path), {
      instanceOf: ModelFileError,
      code: 'ERR_MODEL_FORMAT',
      message,
    });
  const metadata = join(path, 'metadata', 'part-00000');
  const text = await readFile(metadata, 'utf8');

  await writeFile(metadata, text.replace('"rank":2', '"rank":3'));
  await refused(/features of user 0; expected 3 numbers/);
  await writeFile(metadata, text.replace('ALSModel', 'KMeansModel'));
  await refused(/KMeansModel/);
});

test('the commands export and import', async (t) => {
  const folder = await scratchFolder(t);
  await smallModel({ userIds: [1, 2, 3] }).save(join(folder, 'model'));
  const run = (...args: string[]) => seesaw(args, { cwd: folder });

  const exported = await run('export', 'model', '--to', 'spark');
  t.is(exported.status, 0, exported.stderr);
  t.regex(exported.stdout, /^wrote 3 users and 4 items as spark to .*model-spark\n$/);
  const imported = await run('import', 'model-spark', '--output', 'back');
  t.is(imported.status, 0, imported.stderr);
  t.deepEqual((await loadModel(join(folder, 'back'))).recommend(2, { filterSeen: false })[0], {
    itemId: 30,
    score: 2,
  });
  const again = await run('export', 'model', '--to', 'spark');
  t.is(again.status, 1);
  t.regex(again.stderr, /model-spark .*already; expected nothing there/s);
});

async function query(sql: string) {
  const database = await openDatabase();
  try {
    return await database.rows(sql);
  } finally {
    await database.close();
  }
}

/** A token as another process made it, which has ended. */
function tokenOfTheDead(token: WriterToken): WriterToken {
  const [place, , random] = token.split('-');
  const { pid } = spawnSync(process.execPath, ['--version']);
  return [place, pid.toString(16).padStart(8, '0'), random].join('-');
}
