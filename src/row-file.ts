import { randomUUID } from 'node:crypto';
import {
  closeSync,
  ftruncateSync,
  openSync,
  readSync,
  statfsSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mebibytes, SourceError } from './errors.js';

/**
 * A file of rows that nobody but this process sees: it has no name, so it is gone when it is closed and
 * when the process ends, however that is. All of it is zero at first.
 *
 * Calls block until the operating system has copied the bytes; it writes them to the disk later. They
 * throw `SourceError` with ERR_NO_SPACE or ERR_UNREADABLE_SOURCE if it refuses.
 */
export class RowFile {
  readonly #bytes: number;
  readonly #descriptor: number;
  #holders = 1;

  /** Throws `SourceError` if the system's temporary folder has no room for so many bytes. */
  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#descriptor = this.#try(() => {
      const { bavail, bsize } = statfsSync(tmpdir());
      if (bavail * bsize < bytes) {
        throw Object.assign(new Error(`${mebibytes(bavail * bsize)} are free`), {
          code: 'ENOSPC',
        });
      }
      const path = join(tmpdir(), `seesaw-rows-${randomUUID()}`);
      const descriptor = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
      ftruncateSync(descriptor, bytes);
      return descriptor;
    });
  }

  /** Fills `target` with the bytes from `offset` on. */
  read(offset: number, target: Uint8Array): void {
    this.#try(() => {
      for (let at = 0; at < target.length; ) {
        const count = readSync(this.#open, target, at, target.length - at, offset + at);
        if (count === 0) throw new RangeError(`found no byte ${offset + at} of ${this.#bytes}`);
        at += count;
      }
    });
  }

  /** Writes bytes to where they are from `offset` on. */
  write(offset: number, bytes: Uint8Array): void {
    this.#try(() => {
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(this.#open, bytes, at, bytes.length - at, offset + at);
      }
    });
  }

  /** Keeps it open until one more `release`. */
  hold(): void {
    this.#holders++;
  }

  /** Closes it when nobody else holds it. */
  release(): void {
    if (--this.#holders === 0) closeSync(this.#descriptor);
  }

  /** Another file may have the descriptor once this one is closed. */
  get #open(): number {
    if (this.#holders <= 0) throw new RangeError('found a file of rows that is closed');
    return this.#descriptor;
  }

  #try<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code === undefined) throw cause;
      throw new SourceError(
        code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS'
          ? 'ERR_NO_SPACE'
          : 'ERR_UNREADABLE_SOURCE',
        `found no place for the rows of a job in ${tmpdir()}: ${message}; expected ` +
          `${mebibytes(this.#bytes)} on a disk; free some, or set TMPDIR to a larger one`,
        { cause },
      );
    }
  }
}
