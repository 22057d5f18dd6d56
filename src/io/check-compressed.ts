import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { SourceError } from '../errors.js';
import { compressionOf, firstBytes } from './decompress.js';
import type { InputFile } from './input-file.js';
import { damagedSource } from './read-head.js';

/**
 * Checks that compressed files are whole: DuckDB takes the end of a truncated file for the end of
 * the data. Gzip is decompressed once more, which compares its checksum. For zstd, whose checksum
 * DuckDB compares, the lengths of all blocks are followed.
 *
 * Throws `SourceError`, or the signal's reason.
 */
export async function checkCompressed(
  files: readonly InputFile[],
  signal?: AbortSignal,
): Promise<void> {
  for (const { path, name } of files) {
    const compression = compressionOf(await firstBytes(path));
    if (compression === 'none') continue;
    const check = compression === 'gzip' ? checkGzip(path, signal) : checkZstd(path);
    await check.catch((cause: unknown): never => {
      signal?.throwIfAborted();
      throw damagedSource(name, compression, cause) satisfies SourceError;
    });
  }
}

async function checkGzip(path: string, signal: AbortSignal | undefined): Promise<void> {
  const sink = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  const chunkSize = 2 ** 18;
  const file = createReadStream(path, { highWaterMark: chunkSize });
  await pipeline(file, createGunzip({ chunkSize }), sink, ...(signal ? [{ signal }] : []));
}

/** Follows the frames of RFC 8878 from block to block; throws if one goes on after the end. */
async function checkZstd(path: string): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    let at = 0;
    const take = async (length: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
      if (bytesRead < length) throw new Error('unexpected end of file');
      at += length;
      return buffer;
    };
    while (at < size) {
      const magic = (await take(4)).readUInt32LE();
      if (magic >>> 4 === 0x184d2a5) {
        at += (await take(4)).readUInt32LE();
      } else {
        if (magic !== 0xfd2fb528) throw new Error(`no frame at byte ${at - 4}`);
        await passFrame(take, (length) => {
          at += length;
        });
      }
      if (at > size) throw new Error('unexpected end of file');
    }
  } finally {
    await file.close();
  }
}

async function passFrame(
  take: (length: number) => Promise<Buffer>,
  pass: (length: number) => void,
): Promise<void> {
  const descriptor = (await take(1)).readUInt8();
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >>> 6;
  pass(isSingle ? 0 : 1);
  pass([0, 1, 2, 4][descriptor & 3]!);
  pass(sizeFlag === 0 ? Number(isSingle) : [0, 2, 4, 8][sizeFlag]!);
  for (let isLast = false; !isLast; ) {
    const header = (await take(3)).readUIntLE(0, 3);
    isLast = (header & 1) === 1;
    const isRepeated = ((header >>> 1) & 3) === 1;
    pass(isRepeated ? 1 : header >>> 3);
  }
  if ((descriptor & 4) !== 0) await take(4);
}
