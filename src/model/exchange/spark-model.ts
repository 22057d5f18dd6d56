import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../../io/database.js';
import { openDatabase } from '../../io/duckdb.js';
import { readSmallFile } from '../../io/files/regular-file.js';
import { writeNewFile } from '../../io/files/write-file.js';
import { literal } from '../../io/sql-text.js';
import type { Id, IdVocabulary } from '../../ratings/id-vocabulary.js';
import { packIds } from '../../ratings/pack-ids.js';
import type { Side } from '../../ratings/ratings.js';
import type { ExportedSide } from './exported-side.js';
import type { ForeignModel } from './foreign-model.js';
import { factorColumnOf, idColumnOf, writeParquet } from './parquet.js';

/*
 * The directory of Spark's ALSModel (`ALSModelWriter` in ALS.scala, `DefaultParamsReader` in
 * ReadWrite.scala), with side tables for ids that Spark cannot hold:
 *
 *     metadata/part-00000     one line of JSON
 *     userFactors/*.parquet   id int32, features list<float32>
 *     itemFactors/*.parquet   the same
 *     userIds/*.parquet       id int32, originalId; only for other ids than int32; Spark does not read it
 *     itemIds/*.parquet       the same for items
 */

const modelClass = 'org.apache.spark.ml.recommendation.ALSModel';
const maxMetadataBytes = 2 ** 20;
const partName = 'part-00000';

/**
 * Writes both sides into a folder that is there.
 *
 * @returns the sides whose ids Spark cannot hold, so that it knows them by row number
 */
export async function writeSparkModel(
  folder: string,
  sides: readonly ExportedSide[],
  signal?: AbortSignal,
): Promise<readonly Side[]> {
  const metadata = {
    class: modelClass,
    timestamp: 0,
    // From 2.4 on the loader reads defaultParamMap.
    sparkVersion: '3.5.0',
    uid: 'als_seesaw',
    paramMap: {},
    defaultParamMap: {
      blockSize: 4096,
      coldStartStrategy: 'nan',
      itemCol: 'item',
      predictionCol: 'prediction',
      userCol: 'user',
    },
    rank: sides[0]!.width,
  };
  await mkdir(join(folder, 'metadata'));
  await writeText(join(folder, 'metadata', partName), `${JSON.stringify(metadata)}\n`);
  await writeText(join(folder, 'metadata', '_SUCCESS'), '');
  const numbered: Side[] = [];
  for (const exported of sides) {
    const { side, ids, idColumn } = exported;
    const isInt32 = idColumn.type === 'int32';
    const values = isInt32 ? idColumn.values : Int32Array.from(ids, (_, row) => row);
    const id = { name: 'id', type: 'INTEGER', values } as const;
    await writeTable(
      join(folder, `${side}Factors`),
      [id, factorColumnOf(exported, 'features')],
      signal,
    );
    if (isInt32) continue;
    await writeTable(join(folder, `${side}Ids`), [id, idColumnOf(exported, 'originalId')], signal);
    numbered.push(side);
  }
  return numbered;
}

async function writeTable(
  folder: string,
  columns: Parameters<typeof writeParquet>[1],
  signal: AbortSignal | undefined,
): Promise<void> {
  await mkdir(folder);
  await writeParquet(join(folder, `${partName}.parquet`), columns, signal);
  await writeText(join(folder, '_SUCCESS'), '');
}

async function writeText(path: string, text: string): Promise<void> {
  await writeNewFile(path, [Buffer.from(text)]);
}

/** Reads what `ALSModel.save` wrote. Throws `TypeError` for anything else. */
export async function readSparkModel(path: string): Promise<ForeignModel> {
  const rank = await readRank(path);
  const database = await openDatabase();
  try {
    const user = await readSide(database, path, 'user', rank);
    const item = await readSide(database, path, 'item', rank);
    return {
      rank,
      userFactors: user.factors,
      itemFactors: item.factors,
      users: user.ids,
      items: item.ids,
      options: {},
    };
  } finally {
    await database.close();
  }
}

async function readRank(path: string): Promise<number> {
  const metadata: unknown = JSON.parse(await readMetadata(join(path, 'metadata')));
  // Any JSON object has string keys.
  const fields = { ...(metadata as Record<string, unknown>) };
  if (fields.class !== modelClass) {
    throw new TypeError(
      `found a Spark model of class ${String(fields.class)}; expected ${modelClass}`,
    );
  }
  if (!Number.isInteger(fields.rank)) throw new TypeError('found no rank in metadata');
  return fields.rank as number;
}

/** The line of metadata: in part-00000 up to Spark 3, in a longer name later; other parts are empty. */
async function readMetadata(folder: string): Promise<string> {
  const names = await readdir(folder);
  for (const name of names.filter((each) => each.startsWith('part-')).sort()) {
    const [line] = (await readSmallFile(join(folder, name), maxMetadataBytes)).split('\n', 1);
    if (line !== '') return line!;
  }
  throw new TypeError('found no metadata');
}

async function readSide(database: Database, path: string, side: Side, rank: number) {
  const files = literal(join(path, `${side}Factors`, '*.parquet'));
  const table = `${side}_factors`;
  await database.run(
    `CREATE TABLE ${table} AS SELECT id::INTEGER AS id, features::FLOAT[] AS features
     FROM read_parquet(${files}) ORDER BY id`,
  );
  const [odd] = await database.rows(
    `SELECT id FROM ${table} WHERE id IS NULL OR features IS NULL OR len(features) <> ${rank}
     OR list_contains(list_transform(features, x -> x IS NULL OR NOT isfinite(x)), true) LIMIT 1`,
  );
  if (odd !== undefined) {
    throw new TypeError(`found features of ${side} ${String(odd.id)}; expected ${rank} numbers`);
  }
  const numbers = (await database.column(`SELECT id FROM ${table} ORDER BY id`)) as number[];
  const factors = new Float32Array(numbers.length * rank);
  const rows = await database.numberStream(
    `SELECT unnest(features) FROM (SELECT features FROM ${table} ORDER BY id)`,
  );
  let at = 0;
  await rows.fetch(([column], count) => {
    for (let row = 0; row < count; row++) factors[at++] = column![row]!;
  });
  return { factors, ids: await readIds(database, path, side, numbers) };
}

/** The ids of the side table, if there is one. */
async function readIds(
  database: Database,
  path: string,
  side: Side,
  numbers: readonly number[],
): Promise<IdVocabulary> {
  const folder = join(path, `${side}Ids`);
  if (!(await isFolder(folder))) return packIds(numbers);
  const rows = await database.rows(
    `SELECT originalId AS id FROM read_parquet(${literal(join(folder, '*.parquet'))}) names
     JOIN ${side}_factors factors ON names.id = factors.id ORDER BY factors.id`,
  );
  if (rows.length !== numbers.length) {
    throw new TypeError(`found ${rows.length} ids of ${numbers.length} ${side}s`);
  }
  return packIds(rows.map(({ id }) => plainId(id as Id)));
}

function plainId(id: Id): Id {
  return typeof id === 'bigint' && Number.isSafeInteger(Number(id)) ? Number(id) : id;
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() ?? false;
}
