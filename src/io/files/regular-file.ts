import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { ByteSource } from './byte-source.js';

/** There is something else than a file at a path. */
export class NotAFileError extends Error {
  override readonly name = 'NotAFileError';
  /** Follows "found": `a folder`. */
  readonly found: string;

  constructor(found: string) {
    super(`found ${found}; expected a file`);
    this.found = found;
  }
}

/** A file that is open for reading. Close it. */
export interface OpenFile extends ByteSource {
  close(): Promise<void>;
}

/**
 * Opens a file for reading. What is no regular file is not opened: a pipe would wait for a writer,
 * and a device may do anything. A link to a regular file is one.
 *
 * Throws `NotAFileError`, or the operating system's error.
 */
export async function openFile(path: string): Promise<OpenFile> {
  checkRegular(await stat(path));
  // Not blocking: a pipe may have taken the file's place since.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await handle.stat();
    checkRegular(stats);
    return {
      size: stats.size,
      read: (at, into) => readFully(handle, at, into),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * The text of a small file. Throws `NotAFileError`, the operating system's error, and `RangeError`
 * for more than `maxBytes`.
 */
export async function readSmallFile(path: string, maxBytes: number): Promise<string> {
  const file = await openFile(path);
  try {
    if (file.size > maxBytes) {
      throw new RangeError(`found ${file.size} bytes; expected at most ${maxBytes}`);
    }
    const bytes = Buffer.alloc(file.size);
    await file.read(0, bytes);
    return bytes.toString('utf8');
  } finally {
    await file.close();
  }
}

async function readFully(handle: FileHandle, at: number, into: Uint8Array): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, into.length - done, at + done);
    if (bytesRead === 0) throw new RangeError('found the end of the file too early');
    done += bytesRead;
  }
}

function checkRegular(stats: Awaited<ReturnType<FileHandle['stat']>>): void {
  if (stats.isFile()) return;
  throw new NotAFileError(
    stats.isDirectory()
      ? 'a folder'
      : stats.isFIFO()
        ? 'a pipe'
        : stats.isSocket()
          ? 'a socket'
          : 'a device',
  );
}
