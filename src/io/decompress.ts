import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { addAbortSignal, type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';

/** How a file is compressed: its first bytes decide, not its name. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** The first bytes of a file as they lie on disk. */
export async function firstBytes(path: string, length = 64): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The compression that the first bytes of a file show. */
export function compressionOf(first: Buffer): Compression {
  if (first[0] === 0x1f && first[1] === 0x8b) return 'gzip';
  return first.length >= 4 && first.readUInt32LE() === 0xfd2fb528 ? 'zstd' : 'none';
}

/**
 * The content of a file, decompressed. Faults of compressed data are errors of the stream.
 * Destroying the stream closes the file; so does the abort of the signal, with an `AbortError`.
 */
export function readContent(
  path: string,
  compression: Compression,
  signal?: AbortSignal,
): Readable {
  const content = contentOf(path, compression);
  return signal === undefined ? content : addAbortSignal(signal, content);
}

function contentOf(path: string, compression: Compression): Readable {
  const file = createReadStream(path, { highWaterMark: 2 ** 18 });
  if (compression === 'none') return file;
  const content = compression === 'gzip' ? createGunzip() : zstdDecoder();
  file.on('error', (error) => content.destroy(error));
  content.on('close', () => file.destroy());
  return file.pipe(content);
}

/** Not Node's own decoder, which Node 20 does not have. It does not compare checksums. */
function zstdDecoder(): Transform {
  const decoder = new Decompress();
  const stream = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      attempt(() => decoder.push(chunk), done);
    },
    flush(done) {
      attempt(() => decoder.push(new Uint8Array(0), true), done);
    },
  });
  decoder.ondata = (data) => void stream.push(data);
  return stream;
}

function attempt(act: () => void, done: (error?: Error) => void): void {
  let failure: Error | undefined;
  try {
    act();
  } catch (error) {
    // fzstd throws errors only.
    failure = error as Error;
  }
  done(failure);
}
