import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RatingColumns } from 'seesaw';
import type { BenchmarkCase } from './cases.js';
import { runChild } from './run-child.js';

/**
 * A case as raw little-endian files without headers, which every library reads:
 *
 *     users.i32, items.i32, ratings.f32      one element a rating
 *     start-<rank>-user.f32, …-item.f32      row-major starting factors, rows × rank
 */
export interface CaseFiles {
  readonly folder: string;
  readonly users: number;
  readonly items: number;
}

const generators = [
  'synthetic-ratings',
  'taste-sampler',
  '../training/initial-factors',
  '../random',
];

/**
 * The files of a case with starting factors of every rank in `ranks`. They lie in the system's
 * temporary folder and are made once, in a process of their own; a change to the generator's code
 * makes new ones.
 */
export async function caseFiles(
  wanted: BenchmarkCase,
  ranks: readonly number[],
  startSeed: number,
): Promise<CaseFiles> {
  const { name, users, items, count, seed } = wanted;
  const hash = createHash('sha256');
  for (const file of generators) {
    hash.update(readFileSync(new URL(`../../src/ratings/${file}.js`, import.meta.url)));
  }
  const key = `${name}-${users}x${items}-${count}-${seed}-${startSeed}-${hash.digest('hex').slice(0, 8)}`;
  const folder = join(tmpdir(), 'seesaw-bench', key);
  const missingRanks = ranks.filter((rank) => !existsSync(startFile(folder, rank, 'item')));
  if (missingRanks.length > 0 || !existsSync(join(folder, 'ratings.f32'))) {
    const script = fileURLToPath(new URL('./write-case-files.js', import.meta.url));
    const order: WriteOrder = { ...wanted, folder, ranks: missingRanks, startSeed };
    await runChild(process.execPath, [script, JSON.stringify(order)]);
  }
  return { folder, users, items };
}

/** The order to the child process that writes the files. */
export interface WriteOrder extends Pick<BenchmarkCase, 'users' | 'items' | 'count' | 'seed'> {
  readonly folder: string;
  readonly ranks: readonly number[];
  readonly startSeed: number;
}

/** Where the starting factors of one side lie. */
export function startFile(folder: string, rank: number, side: 'user' | 'item'): string {
  return join(folder, `start-${rank}-${side}.f32`);
}

/** Reads a case's ratings into memory. */
export function readColumns({ folder, users, items }: CaseFiles): RatingColumns {
  return {
    users: new Int32Array(readBuffer(join(folder, 'users.i32'))),
    items: new Int32Array(readBuffer(join(folder, 'items.i32'))),
    ratings: new Float32Array(readBuffer(join(folder, 'ratings.f32'))),
    userCount: users,
    itemCount: items,
  };
}

/** Bytes of a file in a buffer of their own. */
export function readBuffer(file: string): ArrayBuffer {
  const bytes = readFileSync(file);
  // A file too small for a buffer of its own shares one, at an offset that need not be aligned.
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteOffset === 0 && byteLength === buffer.byteLength) return buffer as ArrayBuffer;
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
