/** Child process of `id-costs`: reads ids of one kind in one way, and looks them up. Needs --expose-gc. */

import { openDatabase } from '../../src/io/duckdb.js';
import { readIds } from '../../src/io/numbered-ids.js';
import { type Id, type IdVocabulary, listedIds } from '../../src/ratings/id-vocabulary.js';
import { highestResidentBytes, restartPeak } from './peak-memory.js';

/** The order to the child process. */
export interface IdOrder {
  readonly ids: 'text of 15' | 'UUIDs' | 'integers';
  /** JavaScript's values, in a list that a `Map` finds them in, or as Seesaw reads them. */
  readonly as: 'list' | 'packed';
  readonly count: number;
}

/** Bytes are an id's share, seconds and nanoseconds of the processor. */
export interface IdCosts {
  /** That stay once they were read. */
  readonly bytes: number;
  /** More once one of them was looked for. */
  readonly tableBytes: number;
  /** Most that was resident while they were read, beyond what was before. */
  readonly peakBytes: number;
  readonly readSeconds: number;
  /** Of the first search. */
  readonly tableSeconds: number;
  /** Of finding an id, of one that is not there, and of the id at a position, all at random. */
  readonly findNs: number;
  readonly missNs: number;
  readonly atNs: number;
}

/** How many ids are looked for, and as often. */
const searches = 200_000;
const repeats = 3;

const expressions = {
  'text of 15': "printf('user-%010d', n * 7919 % 9999999967)",
  UUIDs: 'md5(n::VARCHAR)::UUID::VARCHAR',
  integers: 'n * 7919 % 2147483647',
};

const order: IdOrder = JSON.parse(process.argv[2]!);
const { count } = order;
const database = await openDatabase();
await database.run(
  `CREATE TEMP TABLE users AS SELECT ${expressions[order.ids]} AS id ` +
    `FROM range(${count}) t(n) ORDER BY md5(n::VARCHAR)`,
);

await database.run('CREATE TEMP VIEW user_ids AS SELECT rowid AS row, id FROM users');

const before = heldBytes();
restartPeak();
const residentBefore = process.memoryUsage().rss;
const reading = cpuSeconds();
const ids = order.as === 'packed' ? await readIds(database, 'user') : await readList();
const readSeconds = cpuSeconds() - reading;
const peakBytes = highestResidentBytes() - residentBefore;
await database.close();
const held = heldBytes();

const building = cpuSeconds();
ids.positionOf(ids.at(0));
const tableSeconds = cpuSeconds() - building;
const withTable = heldBytes();

const asked = Uint32Array.from({ length: searches }, (_, at) => (at * 7919 + 17) % count);
const making = nanoseconds((at) => fresh(ids, asked[at]!));
const result: IdCosts = {
  bytes: (held - before) / count,
  tableBytes: (withTable - held) / count,
  peakBytes: peakBytes / count,
  readSeconds,
  tableSeconds,
  findNs: nanoseconds((at) => ids.positionOf(fresh(ids, asked[at]!))) - making,
  missNs: nanoseconds((at) => ids.positionOf(other(fresh(ids, asked[at]!)))) - making,
  atNs: nanoseconds((at) => ids.at(asked[at]!)),
};
process.stdout.write(`${JSON.stringify(result)}\n`);

async function readList(): Promise<IdVocabulary> {
  const column = await database.column('SELECT id FROM user_ids ORDER BY row');
  return listedIds(column.map((id) => (typeof id === 'bigint' ? Number(id) : String(id))));
}

/** A string that nobody has looked for yet, as those of a request are. */
function fresh(known: IdVocabulary, position: number): Id {
  const id = known.at(position);
  return typeof id === 'string' ? `${id}!`.slice(0, -1) : id;
}

function other(id: Id): Id {
  return typeof id === 'number' ? id + 0.5 : `${id}!`;
}

/** Of one call, the fastest of some rounds. */
function nanoseconds(call: (at: number) => unknown): number {
  let used = 0;
  const rounds = Array.from({ length: repeats }, () => {
    const start = cpuSeconds();
    for (let at = 0; at < searches; at++) if (call(at) !== undefined) used++;
    return cpuSeconds() - start;
  });
  if (used > repeats * searches) throw new Error('counted more results than calls');
  return (Math.min(...rounds) / searches) * 1e9;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function heldBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
