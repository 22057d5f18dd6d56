import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DuckDBDataChunk, DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { SourceError } from '../errors.js';
import { freeMemoryHere, memoryHere } from '../machine-memory.js';
import type { Cell, Database, NumberColumn, NumberRows, TableColumn } from './database.js';
import { makeSpillFolder, type SpillFolder } from './spill-folder.js';
import { identifier, literal } from './sql-text.js';

// An import of its 180 CommonJS files takes a quarter of a second longer.
const require = createRequire(import.meta.url);

/** Half of the memory that this process may take, in MiB. */
const halfMiB = Math.floor(memoryHere() / 2 ** 21);

/** Memory DuckDB may take before it spills to disk, in MiB: 2 GiB, or half of a small machine. */
const memoryLimitMiB = Math.min(2048, halfMiB);

/** How much a database may take, and what it may reach. */
export interface DatabaseSettings {
  /** MiB before it spills to disk, at most half of the machine; default 2 GiB or that half. */
  readonly memory?: number | undefined;
  /** Threads of its own; default one for each core. */
  readonly threads?: number | undefined;
  /**
   * Absolute paths. If given, SQL is not trusted: DuckDB reads files in these folders and in the
   * database's own only.
   */
  readonly folders?: readonly string[] | undefined;
  /**
   * Whether files may come over the network, for which DuckDB installs and loads extensions.
   * Default no.
   */
  readonly network?: boolean | undefined;
}

/** DuckDB sorts and joins data of any size in so many MiB a thread, of two threads at least. */
const leanMemory = 64;

const maxLeanThreads = 4;

/** Settings of a database whose memory does not grow with what it reads: at most 256 MiB. */
export function leanSettings(threads = availableParallelism()): DatabaseSettings {
  const lean = Math.min(threads, maxLeanThreads);
  return { threads: lean, memory: leanMemory * Math.max(2, lean) };
}

/** Most memory to describe ratings in, in MiB. */
const describingMemory = 512;

/** As `leanSettings`, for the process that describes ratings: an eighth of what is free, at most 512 MiB. */
export function describingSettings(): DatabaseSettings {
  const lean = leanSettings();
  const memory = Math.min(describingMemory, Math.floor(freeMemoryHere() / 2 ** 23));
  return { ...lean, memory: Math.max(lean.memory ?? 0, memory) };
}

/** Rows that DuckDB takes at once, at most. */
const chunkRows = 2048;

/** Chunks that are taken between two turns of the event loop: some milliseconds. */
const chunksAtATime = 64;

/**
 * Opens a database of its own that spills into a private folder of its own under the system's
 * temporary one. The caller closes it. Once `signal` aborts, running queries fail and new ones are
 * refused.
 */
export async function openDatabase(
  signal?: AbortSignal,
  { memory = memoryLimitMiB, threads, folders, network = false }: DatabaseSettings = {},
): Promise<Database> {
  signal?.throwIfAborted();
  const duckdb: typeof import('@duckdb/node-api') = require('@duckdb/node-api');
  const { DuckDBInstance } = duckdb;
  const spill = await makeSpillFolder();
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${Math.min(memory, halfMiB)}MiB`,
    temp_directory: spill.path,
    autoinstall_known_extensions: String(network),
    autoload_known_extensions: String(network),
    allow_community_extensions: String(network),
    ...(threads && { threads: String(threads) }),
  });
  const connection = await instance.connect();
  // Times with a zone mean the same on every machine.
  await connection.run("SET TimeZone = 'UTC'");
  let scratch: Promise<SpillFolder> | undefined;
  let isConfined = false;
  const confine = async (setting: 'allowed_paths' | 'allowed_directories', list: string[]) => {
    if (isConfined) return;
    isConfined = true;
    await connection.run(`SET ${setting} = [${list.map(literal).join(', ')}]`);
    // With the network on, this list does not limit what may be read.
    if (!network) await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
  };
  if (folders !== undefined) {
    // The list cannot grow later, and copies of files are read, too.
    scratch = makeSpillFolder();
    const own = (await scratch).path;
    await confine(
      'allowed_directories',
      [...folders, ...(own === '' ? [] : [own])].map((folder) => folder.replace(/\/?$/, '/')),
    );
  }
  const interrupt = () => connection.interrupt();
  signal?.addEventListener('abort', interrupt);
  const check = async (sql: string) => {
    signal?.throwIfAborted();
    // One SELECT statement from foreign SQL only reads, but a second statement could write.
    const { count } = await connection.extractStatements(sql);
    if (count !== 1) throw new Error(`found ${count} statements; expected one`);
  };
  const query = async (sql: string) => {
    await check(sql);
    return connection.run(sql);
  };
  const streamed = (result: DuckDBResult): NumberRows => ({
    async fetch(onChunk) {
      // DuckDB makes the next chunk while this one is taken.
      let next = result.fetchChunk();
      for (;;) {
        const chunk = await next;
        signal?.throwIfAborted();
        if (chunk === null || chunk.rowCount === 0) return;
        next = result.fetchChunk();
        // Its failure is seen when it is waited for.
        next.catch(() => {});
        await onChunk(numberColumnsOf(chunk), chunk.rowCount);
      }
    },
  });
  return {
    signal,
    isTrusted: folders === undefined,
    spillFolder: spill.path,
    async confine(files) {
      await confine('allowed_paths', [...files]);
    },
    async run(sql) {
      await query(sql);
    },
    async rows(sql) {
      const result = await query(sql);
      // Every query here selects scalars only.
      return (await result.getRowObjectsJS()) as Record<string, Cell>[];
    },
    async column(sql) {
      const result = await query(sql);
      return ((await result.getColumnsJS())[0] ?? []) as Cell[];
    },
    async numbers(sql) {
      // Not streamed: a materialized result is made by all cores and is twice as fast at 20 M rows.
      const result = await query(sql);
      return {
        async fetch(onChunk) {
          for (let at = 0; at < result.chunkCount; at++) {
            if (at % chunksAtATime === 0) {
              await nextTurn();
              signal?.throwIfAborted();
            }
            // `fetchChunk` waits for a thread of the pool each time, behind busy ones of DuckDB's.
            const chunk = result.getChunk(at);
            await onChunk(numberColumnsOf(chunk), chunk.rowCount);
          }
        },
      };
    },
    async numberStream(sql) {
      await check(sql);
      return streamed(await connection.stream(sql));
    },
    async makeTable(name, columns) {
      const described = columns.map((column) => `${identifier(column.name)} ${column.type}`);
      await query(`CREATE TABLE ${identifier(name)} (${described.join(', ')})`);
      const types = columns.map(({ type }) =>
        type === 'FLOAT[]' ? duckdb.LIST(duckdb.FLOAT) : duckdb[type],
      );
      const [first] = columns;
      const rowCount = first === undefined ? 0 : rowCountOf(first);
      const appender = await connection.createAppender(name);
      for (let from = 0; from < rowCount; from += chunkRows) {
        if (from % (chunksAtATime * chunkRows) === 0) await nextTurn();
        signal?.throwIfAborted();
        const end = Math.min(rowCount, from + chunkRows);
        const chunk = duckdb.DuckDBDataChunk.create(types, end - from);
        chunk.setColumns(columns.map((column) => valuesOf(column, from, end, duckdb)));
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
    },
    async scratch() {
      scratch ??= makeSpillFolder();
      const { path } = await scratch;
      if (path !== '') return path;
      throw new SourceError(
        'ERR_NO_SPACE',
        `found no place for files in ${tmpdir()}; expected a folder that takes some; ` +
          'free some space, or set TMPDIR to another folder',
      );
    },
    async close() {
      signal?.removeEventListener('abort', interrupt);
      connection.closeSync();
      instance.closeSync();
      await spill.remove();
      await (await scratch)?.remove();
    },
  };
}

function numberColumnsOf(chunk: DuckDBDataChunk): NumberColumn[] {
  return Array.from({ length: chunk.columnCount }, (_, column) => numbersOf(chunk, column));
}

/**
 * A chunk's column as numbers. Vectors of numbers keep a typed array over DuckDB's own memory, but
 * not in their public type; reading item by item, which equals it, costs 2.5 s more at 20 M rows.
 */
function numbersOf(chunk: DuckDBDataChunk, column: number): NumberColumn {
  const vector = chunk.getColumnVector(column);
  const { items } = vector as unknown as { readonly items?: unknown };
  if (ArrayBuffer.isView(items) && vector.itemCount === chunk.rowCount) {
    // A view of a number vector is a typed array, never a DataView.
    return items as unknown as NumberColumn;
  }
  return Array.from({ length: chunk.rowCount }, (_, at) => Number(vector.getItem(at)));
}

function rowCountOf(column: TableColumn): number {
  return column.type === 'FLOAT[]' ? column.values.length / column.width : column.values.length;
}

function valuesOf(
  column: TableColumn,
  from: number,
  end: number,
  { listValue }: typeof import('@duckdb/node-api'),
): DuckDBValue[] {
  return Array.from({ length: end - from }, (_, at) => {
    const row = from + at;
    if (column.type !== 'FLOAT[]') return column.values[row]!;
    const { values, width } = column;
    return listValue(Array.from(values.subarray(row * width, (row + 1) * width)));
  });
}

/** Version of DuckDB: hashes, and how files are understood, may differ between versions. */
export async function engineVersion(database: Database): Promise<string> {
  return String((await database.column('SELECT version()'))[0]);
}
