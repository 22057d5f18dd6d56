import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import test from 'ava';
import type { ExportFormat } from '../../../../src/model/exchange/export-formats.js';
import { exportModel } from '../../../../src/model/exchange/export-model.js';
import { loadModel } from '../../../../src/model/store/load-model.js';
import { randomModel } from '../../../helpers/builders/models.js';
import { scratchFolder } from '../../../helpers/builders/scratch-folder.js';

/** The Python that has the readers; those that it lacks are skipped. */
const python = process.env.PYTHON ?? 'python3';

const model = randomModel({ rank: 5, users: 20, items: 60 });
const expected = model.recommend(7, { count: 5, filterSeen: false });

/** Scores of user 7 as a reader computes them; it prints a JSON list of [item id, score]. */
const readers: Readonly<Record<string, readonly [to: ExportFormat, name: string, code: string]>> = {
  numpy: [
    'npy',
    'model',
    `import numpy as np
u, i = np.load(path + "/user_factors.npy"), np.load(path + "/item_factors.npy")
ids, users = np.load(path + "/item_ids.npy"), np.load(path + "/user_ids.npy")
show(zip(ids.tolist(), (i @ u[users.tolist().index(7)]).tolist()))`,
  ],
  implicit: [
    'npz',
    'model.npz',
    `from implicit.cpu.als import AlternatingLeastSquares
m = AlternatingLeastSquares.load(path)
ids, scores = m.recommend(m.user_ids.tolist().index(7), None, N=5, filter_already_liked_items=False)
show(zip(m.item_ids[ids].tolist(), scores.tolist()))`,
  ],
  safetensors: [
    'safetensors',
    'model.safetensors',
    `from safetensors.numpy import load_file
t = load_file(path)
show(zip(t["item_ids"].tolist(), (t["item_factors"] @ t["user_factors"][t["user_ids"].tolist().index(7)]).tolist()))`,
  ],
  duckdb: [
    'parquet',
    'model',
    `import duckdb
show(duckdb.sql(f"""SELECT i.id, list_inner_product(i.factors, u.factors) FROM '{path}/item-factors.parquet' i,
  '{path}/user-factors.parquet' u WHERE u.id = 7""").fetchall())`,
  ],
  pyarrow: [
    'arrow',
    'model',
    `import pyarrow as pa
def rows(side):
    t = pa.ipc.open_file(f"{path}/{side}-factors.arrow").read_all()
    return dict(zip(t["id"].to_pylist(), t["factors"].to_pylist()))
x = rows("user")[7]
show((id, sum(a * b for a, b in zip(x, y))) for id, y in rows("item").items())`,
  ],
  pyspark: [
    'spark',
    'model',
    `from pyspark.sql import SparkSession
from pyspark.ml.recommendation import ALSModel
s = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
m = ALSModel.load(path)
[row] = m.recommendForUserSubset(s.createDataFrame([(7,)], ["user"]), 5).collect()
m.write().overwrite().save(path + "-again")
show((r.item, r.rating) for r in row.recommendations)`,
  ],
};

const prelude = `import json, sys
path = sys.argv[1]
def show(pairs):
    best = sorted(([i, s] for i, s in pairs), key=lambda pair: -pair[1])[:5]
    print("\\nRESULT" + json.dumps(best))
`;

for (const [reader, [to, name, code]] of Object.entries(readers)) {
  const run = canImport(reader) ? test : test.skip;
  run(`${reader} reads ${to} and recommends the same items`, async (t) => {
    const path = join(await scratchFolder(t), name);
    await exportModel(model, path, { to });

    const best = readWith(prelude + code, path);

    t.deepEqual(
      best.map(([id]) => id),
      expected.map(({ itemId }) => itemId) as number[],
    );
    for (const [at, [, score]] of best.entries()) {
      // Sums in float32, or products of them.
      t.true(Math.abs(score - expected[at]!.score) < 1e-5 * Math.abs(score), `${score}`);
    }
    if (reader !== 'pyspark') return;
    const back = await loadModel(`${path}-again`);
    t.deepEqual(back.recommend(7, { count: 5, filterSeen: false }), expected);
  });
}

function canImport(name: string): boolean {
  try {
    execFileSync(python, ['-c', `import ${name}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function readWith(code: string, path: string): [id: number, score: number][] {
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1' };
  const text = execFileSync(python, ['-c', code, path], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(text.toString().split('RESULT')[1]!);
}

/** Postgres in WASM; npm install --no-save @electric-sql/pglite@0.5.14 @electric-sql/pglite-pgvector@0.0.15 */
const pglite = ['@electric-sql/pglite', '@electric-sql/pglite-pgvector'] as const;
const withPostgres = pglite.every(isInstalled) ? test : test.skip;

withPostgres(
  'Postgres with pgvector loads the SQL, whose query gives the same items',
  async (t) => {
    t.timeout(120_000);
    const path = join(await scratchFolder(t), 'model.sql');
    await exportModel(model, path, { to: 'pgvector' });
    const text = await readFile(path, 'utf8');
    const [{ PGlite }, { vector }] = await Promise.all(pglite.map((name) => import(name)));
    const db = await PGlite.create({ extensions: { vector } });
    t.teardown(() => db.close());

    // What psql does with rows after COPY.
    for (const [, before, copy, rows] of text.matchAll(
      /(.*?)^(COPY [^\n]*) FROM STDIN;\n(.*?)^\\\.\n/gms,
    )) {
      await db.exec(before);
      await db.query(`${copy} FROM '/dev/blob'`, [], { blob: new Blob([rows!]) });
    }
    const [query] = /^SELECT .*?;$/ms.exec(text.replaceAll(/^-- {3}/gm, ''))!;
    const found = await db.query(
      query.replaceAll(/id = \d+/g, 'id = 7').replace('LIMIT 10', 'LIMIT 5'),
    );

    t.deepEqual(
      found.rows.map(({ id }: { id: number }) => id),
      expected.map(({ itemId }) => itemId),
    );
    for (const [at, { score }] of expected.entries()) {
      t.true(Math.abs(found.rows[at].score - score) < 1e-5);
    }
  },
);

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
