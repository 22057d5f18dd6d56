import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { DuckDBDataChunk } from '@duckdb/node-api';

/** Memory DuckDB may take before it spills to disk, in MiB: 2 GiB, or half of a small machine. */
const memoryLimitMiB = Math.floor(Math.min(2048, totalmem() / 2 ** 21));

/** A cell as JavaScript knows it; integers of 64 bits and more are bigints. */
export type Cell = string | number | bigint | boolean | null;

/** Numbers of one column of one chunk. Valid until the callback returns. */
export type NumberColumn = ArrayLike<number>;

/** A private in-memory DuckDB: the one door to the package, which is loaded at the first use. */
export interface Database {
  /** Runs statements whose result does not matter. */
  run(sql: string): Promise<void>;
  /** All rows of a small result, by column name. */
  rows(sql: string): Promise<Record<string, Cell>[]>;
  /** The first column of a result. */
  column(sql: string): Promise<Cell[]>;
  /**
   * Runs a query whose columns are UINTEGER, FLOAT or DOUBLE without NULL, and hands them over
   * chunk by chunk as soon as `fetch` is called. Its rows may come in any order.
   */
  numbers(sql: string): Promise<{
    fetch(onChunk: (columns: NumberColumn[], rowCount: number) => void): Promise<void>;
  }>;
  /** Closes it and deletes what it spilled. The database must not be used afterwards. */
  close(): Promise<void>;
}

/**
 * Opens a database of its own that spills into a folder of its own under the system's temporary
 * one. The caller closes it. Once `signal` aborts, running queries fail and new ones are refused.
 */
export async function openDatabase(signal?: AbortSignal): Promise<Database> {
  signal?.throwIfAborted();
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const spill = join(tmpdir(), `seesaw-${randomUUID()}`);
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${memoryLimitMiB}MiB`,
    temp_directory: spill,
  });
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  signal?.addEventListener('abort', interrupt);
  const query = (sql: string) => {
    signal?.throwIfAborted();
    return connection.run(sql);
  };
  return {
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
          for (;;) {
            signal?.throwIfAborted();
            const chunk = await result.fetchChunk();
            if (chunk === null || chunk.rowCount === 0) return;
            const columns = Array.from({ length: chunk.columnCount }, (_, column) =>
              numbersOf(chunk, column),
            );
            onChunk(columns, chunk.rowCount);
          }
        },
      };
    },
    async close() {
      signal?.removeEventListener('abort', interrupt);
      connection.closeSync();
      instance.closeSync();
      await rm(spill, { recursive: true, force: true });
    },
  };
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
