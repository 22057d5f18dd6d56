import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { aPath, checkValue } from '../../check-options.js';
import { ModelFileError } from '../../errors.js';
import type { ArrowColumns } from '../../io/arrow/column.js';
import { readArrow } from '../../io/arrow/read-arrow.js';
import { pieces } from '../../io/files/byte-source.js';
import { NotAFileError, type OpenFile, openFile } from '../../io/files/regular-file.js';
import { FactorModel } from '../factor-model.js';
import type { ModelSettings } from '../model-settings.js';
import { contentsFromColumns } from './contents-from-columns.js';
import { indexFile } from './index-file.js';
import {
  type DataFile,
  dataFilesOf,
  type Manifest,
  type ModelPart,
  manifestName,
  readManifest,
} from './manifest.js';
import { foreign, unreadableModel } from './model-file-errors.js';
import { readSettings } from './read-settings.js';

/** How often a manifest is read again because other saves removed what it names. */
const maxTries = 100;

/**
 * Reads a model that `writeModel` wrote, after checking every byte of it against its checksums.
 * Others may save into the directory meanwhile; the result is then one of their models, whole. Data
 * files are read in pieces, so their size has no limit but that of the arrays.
 *
 * It also reads what other libraries saved: the folder of Spark's `ALSModel`, and the `.npz` file of
 * implicit's `AlternatingLeastSquares`. Such a model has no ratings (`hasSeen` is false); its ids are
 * Spark's integers, with implicit the row numbers, unless `exportModel` wrote it.
 *
 * Throws `ModelFileError`: ERR_MODEL_NOT_FOUND if nothing is there, ERR_MODEL_FORMAT if it is
 * something else, or what is in it is no model, ERR_MODEL_VERSION if a newer seesaw wrote it,
 * ERR_MODEL_CHECKSUM if a file was cut or changed, ERR_MODEL_UNREADABLE if the operating system
 * refuses. Rejects with `InvalidOptionError` for what is no path.
 */
export async function loadModel(path: string): Promise<FactorModel> {
  checkValue('path', path, aPath('a directory with a model'));
  try {
    const stats = await stat(path).catch(() => undefined);
    if (stats !== undefined && !(await isOwn(path, stats.isDirectory()))) {
      // Loaded when needed, because most models are this package's own.
      const { readImplicitFile, readSparkFolder } = await import('../exchange/read-foreign.js');
      const read = stats.isDirectory() ? readSparkFolder : readImplicitFile;
      return new FactorModel(await read(path));
    }
    const { manifest, files } = await openModel(path, stats !== undefined);
    try {
      return await readModel(path, manifest, files);
    } finally {
      for (const { file } of files) await file.close();
    }
  } catch (error) {
    throw unreadableModel(path, error);
  }
}

/** Whether it is to be read as a model of this package, damaged or not. */
async function isOwn(path: string, isFolder: boolean): Promise<boolean> {
  if (!isFolder) return false;
  const names = await readdir(path);
  return names.includes(manifestName) || !names.includes('metadata');
}

/** A data file of a model, open. */
interface OpenPart {
  readonly part: ModelPart;
  readonly described: DataFile;
  readonly file: OpenFile;
}

interface OpenModel {
  readonly manifest: Manifest;
  readonly files: readonly OpenPart[];
}

/** Opens all data files of one manifest. Once open they can be read, even if a save removes them. */
async function openModel(path: string, isThere: boolean): Promise<OpenModel> {
  let before: Manifest | undefined;
  for (let tries = 0; ; tries++) {
    const manifest = await readManifest(path).catch((error: unknown) => {
      const isMissing = error instanceof ModelFileError && error.code === 'ERR_MODEL_NOT_FOUND';
      throw isMissing && isThere ? foreign(path, `no ${manifestName}`) : error;
    });
    const files: OpenPart[] = [];
    try {
      for (const [part, described] of dataFilesOf(manifest)) {
        files.push({ part, described, file: await openFile(join(path, described.name)) });
      }
      return { manifest, files };
    } catch (cause) {
      for (const { file } of files) await file.close();
      const [, { name }] = dataFilesOf(manifest)[files.length]!;
      if (cause instanceof NotAFileError) {
        throw foreign(path, `${cause.found} in the place of ${name}`, { cause });
      }
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
      // Gone because another save has replaced the model, unless the manifest is still the same.
      const isSame = before !== undefined && JSON.stringify(before) === JSON.stringify(manifest);
      if (isSame || tries === maxTries) throw foreign(path, `no ${name}`, { cause });
      before = manifest;
    }
  }
}

async function readModel(
  path: string,
  manifest: Manifest,
  files: readonly OpenPart[],
): Promise<FactorModel> {
  const settings = checkedSettings(path, manifest);
  const columns = new Map<ModelPart, ArrowColumns>();
  for (const file of files) columns.set(file.part, await readColumns(path, file));
  try {
    const contents = contentsFromColumns(manifest, settings, columns);
    return new FactorModel({ ...contents, indexes: indexFile(path, manifest) });
  } catch (cause) {
    const { message } = cause as Error;
    throw foreign(path, `data files that do not fit their manifest (${message})`, { cause });
  }
}

function checkedSettings(path: string, { settings, rank }: Manifest): ModelSettings {
  try {
    // What a manifest holds is not known to be settings before this.
    return readSettings(settings as unknown as Record<string, unknown>, rank);
  } catch (cause) {
    const { message } = cause as Error;
    throw foreign(path, `a manifest with bad settings (${message})`, { cause });
  }
}

async function readColumns(path: string, { described, file }: OpenPart): Promise<ArrowColumns> {
  await checkBytes(join(path, described.name), described, file);
  try {
    return await readArrow(file);
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
    const found = `${described.name}, which is no Arrow file of this format (${cause.message}),`;
    throw foreign(path, found, { cause });
  }
}

async function checkBytes(path: string, described: DataFile, file: OpenFile): Promise<void> {
  const advice = 'try saving the model again, or a backup';
  if (file.size !== described.bytes) {
    throw new ModelFileError(
      'ERR_MODEL_CHECKSUM',
      `found ${file.size} bytes in ${path}; expected ${described.bytes}; ${advice}`,
    );
  }
  const hash = createHash('sha256');
  for await (const piece of pieces(file)) hash.update(piece);
  const sha256 = hash.digest('hex');
  if (sha256 !== described.sha256) {
    throw new ModelFileError(
      'ERR_MODEL_CHECKSUM',
      `found sha256 ${sha256} of ${path}; expected ${described.sha256}; ${advice}`,
    );
  }
}
