import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  aPath,
  aSignal,
  checkOptions,
  checkValue,
  oneOf,
  type Rule,
  type Rules,
} from '../../check-options.js';
import { ModelFileError } from '../../errors.js';
import { writeArrow } from '../../io/arrow/write-arrow.js';
import { makeFolder, removeFolders } from '../../io/files/make-folder.js';
import { removeAbandoned } from '../../io/files/remove-abandoned.js';
import { syncFolder } from '../../io/files/replace-file.js';
import { writeNewFile } from '../../io/files/write-file.js';
import { withToken } from '../../io/files/writer-token.js';
import { unwritableModel } from '../store/model-file-errors.js';
import { type ExportFormat, exportFormats } from './export-formats.js';
import { type ExportableModel, type ExportedSide, exportedSides } from './exported-side.js';
import { sideArrays, writeImplicit } from './implicit-file.js';
import { factorColumnOf, idColumnOf, writeParquet } from './parquet.js';
import { writeSafetensors } from './safetensors.js';
import { writeSparkModel } from './spark-model.js';
import { writeCsv, writePgvector } from './text-files.js';

/** How a model is exported. */
export interface ExportOptions {
  /** The format; docs/exports.md has the layout of each. */
  readonly to: ExportFormat;
  /** Its abort ends the export, which rejects with its reason and leaves nothing. */
  readonly signal?: AbortSignal | undefined;
}

/** What an export has written. */
export interface ExportedModel {
  /** Absolute: a file for `npz`, `safetensors` and `pgvector`, a folder for the others. */
  readonly path: string;
  /** What a reader has to know: columns that are no factors, ids that are row numbers. */
  readonly notes: readonly string[];
}

const aModel: Rule = {
  expected: 'a model; try await loadModel(path)',
  accepts: (value) =>
    (value as Partial<ExportableModel> | null | undefined)?.userFactors instanceof Float32Array,
};

const rules: Rules<keyof ExportOptions> = { to: oneOf(...exportFormats), signal: aSignal };

/**
 * Writes the factors and ids of a model for other tools. The product of a user's and an item's row is
 * the score; a model with biases or a mean has two more columns for that:
 *
 *     user   x, μ + b_u, 1        item   y, 1, b_i
 *
 * What is written lies there whole or not at all. What a killed process left of an export to the same
 * path is removed.
 *
 * @param path a file or a folder, by the format; nothing may be there yet
 * Throws `InvalidOptionError`; `ModelFileError`: ERR_MODEL_TARGET if something is there,
 * ERR_MODEL_UNWRITABLE if the operating system refuses, or ids do not fit the format.
 */
export async function exportModel(
  model: ExportableModel,
  path: string,
  options: ExportOptions,
): Promise<ExportedModel> {
  checkValue('model', model, aModel);
  checkValue('path', path, aPath('a file or a folder to be made'));
  checkOptions({ of: 'exportModel' }, options, rules);
  checkValue('to', options.to, rules.to);
  const target = resolve(path);
  try {
    options.signal?.throwIfAborted();
    await checkFree(target);
    const made = await makeFolder(dirname(target));
    await removeAbandoned(target);
    try {
      return await withToken(async (token) => {
        const temporary = `${target}.${token}.tmp`;
        try {
          const notes = await write(model, temporary, options);
          options.signal?.throwIfAborted();
          await checkFree(target);
          await rename(temporary, target);
          await syncFolder(dirname(target));
          return { path: target, notes };
        } finally {
          await rm(temporary, { recursive: true, force: true });
        }
      });
    } catch (error) {
      await removeFolders(made);
      throw error;
    }
  } catch (error) {
    // An interrupted statement fails with an arbitrary error of DuckDB.
    options.signal?.throwIfAborted();
    if (error instanceof RangeError) {
      throw new ModelFileError('ERR_MODEL_UNWRITABLE', error.message, { cause: error });
    }
    throw unwritableModel(path, error);
  }
}

async function checkFree(target: string): Promise<void> {
  if ((await stat(target).catch(() => undefined)) === undefined) return;
  throw new ModelFileError(
    'ERR_MODEL_TARGET',
    `found ${basename(target)} in ${dirname(target)} already; expected nothing there; try another path`,
  );
}

/** Returns the notes. */
async function write(
  model: ExportableModel,
  path: string,
  { to, signal }: ExportOptions,
): Promise<string[]> {
  const sides = exportedSides(model);
  const { width } = sides[0];
  const notes =
    width > model.rank
      ? [
          `rows have ${width} columns: ${model.rank} factors and two that carry biases and mean (users: mean + bias, 1; items: 1, bias)`,
        ]
      : [];
  switch (to) {
    case 'npz':
      await writeNewFile(path, untilAborted(signal, writeImplicit(model, sides)));
      notes.push(
        'implicit has confidence alpha·r without 1 +; it does not read user_ids and item_ids, but keeps them',
      );
      return notes;
    case 'safetensors':
      await writeNewFile(path, untilAborted(signal, writeSafetensors(sides)));
      return notes;
    case 'pgvector':
      await writeNewFile(path, untilAborted(signal, writePgvector(sides)));
      return notes;
    case 'spark': {
      await mkdir(path);
      for (const side of await writeSparkModel(path, sides, signal)) {
        notes.push(
          `Spark holds ids of 32 bits: ${side}s have row numbers, and their ids lie in ${side}Ids`,
        );
      }
      return notes;
    }
    default:
      await mkdir(path);
      for (const exported of sides) await writers[to](path, exported, signal);
      return notes;
  }
}

/** Writes the files of one side into a folder. */
type SideWriter = (
  folder: string,
  exported: ExportedSide,
  signal: AbortSignal | undefined,
) => Promise<unknown>;

/** The pieces of a file, until the signal aborts: then its reason is thrown. */
async function* untilAborted(
  signal: AbortSignal | undefined,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    yield piece;
  }
}

const writers: Readonly<Record<'parquet' | 'arrow' | 'npy' | 'csv', SideWriter>> = {
  parquet: (folder, exported, signal) =>
    writeParquet(
      join(folder, `${exported.side}-factors.parquet`),
      [idColumnOf(exported, 'id'), factorColumnOf(exported, 'factors')],
      signal,
    ),
  arrow: (folder, { side, idColumn, width, rows }, signal) =>
    writeNewFile(
      join(folder, `${side}-factors.arrow`),
      untilAborted(
        signal,
        writeArrow({ id: idColumn, factors: { type: 'vectors', width, values: rows } }),
      ),
    ),
  npy: async (folder, exported, signal) => {
    const { factors, ids } = sideArrays(exported);
    await writeNewFile(join(folder, `${exported.side}_factors.npy`), untilAborted(signal, factors));
    await writeNewFile(join(folder, `${exported.side}_ids.npy`), untilAborted(signal, ids));
  },
  csv: (folder, exported, signal) =>
    writeNewFile(
      join(folder, `${exported.side}-factors.csv`),
      untilAborted(signal, writeCsv(exported)),
    ),
};
