/**
 * How long, and in how much memory, does a Parquet file of any size become a trained and saved model
 * with its metrics? Ratings are made by a query of DuckDB's and read straight into parts of the job.
 *
 *     node build/benchmarks/large-file.js --millions 30 --users 400000 --items 60000
 *     node build/benchmarks/large-file.js --millions 400 --users 2000000 --items 200000 --iterations 2
 */

import { existsSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lastValueFrom, tap } from 'rxjs';
import { evaluate, fromFile, holdout, saveModel, threads, train } from 'seesaw';
import { openDatabase } from '../src/io/duckdb.js';
import { highestResidentBytes } from './lib/peak-memory.js';

const { values: flags } = parseArgs({
  options: {
    millions: { type: 'string', default: '30' },
    users: { type: 'string', default: '400000' },
    items: { type: 'string', default: '60000' },
    rank: { type: 'string', default: '64' },
    iterations: { type: 'string', default: '2' },
    threads: { type: 'string', default: '2' },
  },
});
const { millions, users, items } = flags;
const folder = tmpdir();
const file = join(folder, `seesaw-large-${millions}-${users}-${items}.parquet`);
if (!existsSync(file)) await makeFile();

const start = performance.now();
let partBytes = 0;
let copiedBytes = { user: 0, item: 0 };
const events$ = fromFile(file, { readBy: 'workers' }).pipe(
  tap(() => tell('described')),
  holdout({ fraction: 0.1 }),
  tap(({ test }) => tell(`withheld, ${test.byUser.columns.length} kept to measure on`)),
  train({
    ...{ rank: Number(flags.rank), iterations: Number(flags.iterations) },
    placement: threads(Number(flags.threads)),
  }),
  saveModel(join(folder, 'seesaw-large-model')),
  evaluate({ k: 20 }),
  tap((event) => {
    if (event.type === 'started') {
      tell(`read, ${event.ratings} ratings to train on`);
      const rank = Number(flags.rank);
      partBytes = 16 * event.ratings + (8 * rank + 8) * (event.users + event.items);
    }
    if (event.type === 'phase' && event.iteration > 0) {
      copiedBytes = { ...copiedBytes, [event.side]: event.broadcastBytes };
    }
    if (event.type === 'iteration') tell(`iteration ${event.iteration}, loss ${event.loss.total}`);
    if (event.type === 'saved') tell(`saved, ${event.bytes} bytes`);
    if (event.type === 'evaluation') {
      const { model, mostPopular } = event;
      tell(`NDCG@20 ${model['ndcg@20']}, of the most popular ${mostPopular['ndcg@20']}`);
    }
  }),
);
await lastValueFrom(events$);
tellMemory();
rmSync(join(folder, 'seesaw-large-model'), { recursive: true });

/** Users' and items' numbers of ratings fall as powers; the order is random. */
async function makeFile(): Promise<void> {
  const database = await openDatabase();
  await database.run('SELECT setseed(0.5)');
  await database.run(
    `COPY (SELECT floor(${users} * pow(random(), 2))::INTEGER AS user_id, ` +
      `floor(${items} * pow(random(), 3))::INTEGER AS item_id, ` +
      `(1 + floor(5 * random()))::FLOAT AS rating FROM range(${Number(millions) * 1e6})) ` +
      `TO '${file}.partial' (FORMAT parquet)`,
  );
  await database.close();
  renameSync(`${file}.partial`, file);
}

/** By the formula of docs/capacity.md; beside the factors of a copy lies the number of its row. */
function tellMemory(): void {
  const rank = Number(flags.rank);
  const copies = ((copiedBytes.user + copiedBytes.item) * (rank + 1)) / rank;
  const parts = (partBytes + copies) / 2 ** 30;
  const goal = 1.35 * parts + 1;
  tell(
    `parts ${parts.toFixed(2)} GiB; the goal is a peak of ${goal.toFixed(2)} GiB, 1.35 × that + 1 GiB`,
  );
}

function tell(what: string): void {
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const gibibytes = (highestResidentBytes() / 2 ** 30).toFixed(2);
  process.stdout.write(`${seconds} s, peak ${gibibytes} GiB: ${what}\n`);
}
