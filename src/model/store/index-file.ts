import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MemoryLimitError, MemoryRefusedError } from '../../errors.js';
import { type ByteSource, pieceBytes } from '../../io/files/byte-source.js';
import { openFile } from '../../io/files/regular-file.js';
import { replaceFile, syncFolder } from '../../io/files/replace-file.js';
import { writeNewFile } from '../../io/files/write-file.js';
import { withToken } from '../../io/files/writer-token.js';
import { isSealed, sealedJson } from '../../io/sealed-json.js';
import { packageVersion } from '../../version.js';
import type { IndexedRows } from '../ranking/build-index.js';
import type { BuiltIndexes, IndexStore } from '../ranking/index-store.js';
import { ItemIndex } from '../ranking/item-index.js';
import { indexFileName, type Manifest, readManifest } from './manifest.js';

const indexFormat = 'seesaw-item-index';
/** Of another version, an index is built anew. It rises when packing writes other bytes. */
const indexFormatVersion = 1;
/** Longer headers are not read. */
const maxHeaderBytes = 4096;

interface Header {
  readonly format: typeof indexFormat;
  readonly formatVersion: number;
  readonly writtenBy: string;
  /** Checksum of the file of item factors that it was built from. */
  readonly itemFactors: string;
  /** Leading coordinates of each index, in the order of their regions. */
  readonly leads: Readonly<Partial<Record<keyof BuiltIndexes, number>>>;
  readonly bytes: number;
  /** Of the regions. */
  readonly regions: string;
}

/** Where the indexes of a saved model lie: beside its data files. */
export function indexFile(path: string, manifest: Manifest): IndexStore {
  const directory = resolve(path);
  const name = indexFileName(manifest);
  const { sha256 } = manifest.files.itemFactors;
  return {
    read: (sources) => readIndexes(join(directory, name), sha256, sources),
    async write(indexes) {
      await withToken((token) =>
        replaceFile(join(directory, name), indexBytes(indexes, sha256), token),
      );
      await syncFolder(directory);
      // The model may have been replaced meanwhile; nothing would remove the file for long.
      const now = await readManifest(directory).catch(() => undefined);
      if (now === undefined || indexFileName(now) !== name) {
        await rm(join(directory, name), { force: true });
      }
    },
  };
}

/** Writes the indexes of a model that is being saved, whose manifest is not there yet; none if undefined. */
export async function writeIndexes(
  indexes: BuiltIndexes | undefined,
  directory: string,
  manifest: Manifest,
): Promise<void> {
  if (indexes === undefined) return;
  const bytes = indexBytes(indexes, manifest.files.itemFactors.sha256);
  await writeNewFile(join(directory, indexFileName(manifest)), bytes);
}

/**
 * The bytes of the file, in pieces:
 *
 *     length of the header, u32 | header, sealed JSON | regions of the first index | of the second
 *
 * Numbers have the lowest byte first, as in WebAssembly. Rows and norms are not among them: they follow
 * from the factors.
 *
 * @param itemFactors checksum of the file of item factors
 */
function* indexBytes(indexes: BuiltIndexes, itemFactors: string): Generator<Uint8Array> {
  const packed = Object.entries(indexes).map(([use, index]) => [use, index.packed] as const);
  const regions = packed.flatMap(([, { regions }]) => [...regions.values()]);
  const hash = createHash('sha256');
  for (const bytes of regions) hash.update(bytes);
  const header: Header = {
    format: indexFormat,
    formatVersion: indexFormatVersion,
    writtenBy: `seesaw ${packageVersion}`,
    itemFactors,
    leads: Object.fromEntries(packed.map(([use, { lead }]) => [use, lead])),
    bytes: regions.reduce((sum, { length }) => sum + length, 0),
    regions: hash.digest('hex'),
  };
  const text = Buffer.from(sealedJson(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  yield length;
  yield text;
  yield* regions;
}

/** What makes an index of no use; follows "found". */
class UnfitIndex extends Error {}

async function readIndexes(
  path: string,
  itemFactors: string,
  sources: Readonly<Partial<Record<keyof BuiltIndexes, IndexedRows>>>,
): ReturnType<IndexStore['read']> {
  let file: Awaited<ReturnType<typeof openFile>>;
  try {
    file = await openFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'no saved index' : `an index that cannot be read (${message})`;
  }
  try {
    const { header, start } = await readHeader(file);
    if (header.itemFactors !== itemFactors) throw new UnfitIndex('an index of other factors');
    const hash = createHash('sha256');
    let at = start;
    const fill = async (regions: ReadonlyMap<string, Uint8Array>) => {
      for (const bytes of regions.values()) {
        for (let from = 0; from < bytes.length; from += pieceBytes) {
          const piece = bytes.subarray(from, from + pieceBytes);
          await file.read(at, piece);
          hash.update(piece);
          at += piece.length;
        }
      }
    };
    const indexes: [string, ItemIndex][] = [];
    for (const [use, source] of Object.entries(sources)) {
      const lead = header.leads[use as keyof BuiltIndexes];
      if (lead === undefined) throw new UnfitIndex('an index of another model');
      const index = await ItemIndex.unpack(source, lead, fill);
      if (index === undefined) throw new UnfitIndex('a damaged index');
      indexes.push([use, index]);
    }
    if (at !== file.size || hash.digest('hex') !== header.regions) {
      throw new UnfitIndex('a damaged index');
    }
    // The entries are those of `sources`.
    return Object.fromEntries(indexes) as unknown as BuiltIndexes;
  } catch (error) {
    if (error instanceof MemoryLimitError || error instanceof MemoryRefusedError) throw error;
    if (error instanceof UnfitIndex) return error.message;
    return `an index that cannot be read (${(error as Error).message})`;
  } finally {
    await file.close();
  }
}

async function readHeader(file: ByteSource): Promise<{ header: Header; start: number }> {
  const length = Buffer.alloc(4);
  await file.read(0, length);
  const text = Buffer.alloc(Math.min(length.readUInt32LE(), maxHeaderBytes));
  await file.read(length.length, text);
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(text.toString());
  } catch {
    throw new UnfitIndex('a damaged index');
  }
  if (header === null || !isSealed(text.toString(), header))
    throw new UnfitIndex('a damaged index');
  const { format, formatVersion } = header;
  if (format !== indexFormat || formatVersion !== indexFormatVersion) {
    throw new UnfitIndex(`an index of format ${format} ${formatVersion}`);
  }
  // Sealed, so it is what `indexBytes` wrote.
  return { header: header as unknown as Header, start: length.length + text.length };
}
