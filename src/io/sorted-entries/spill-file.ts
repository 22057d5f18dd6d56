import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { systemFailure } from '../system-failure.js';

/** What stays in memory: small data needs no disk. */
const memoryBytes = 2 ** 24;

/** Bytes that are read at once, at most: the operating system takes 2 GiB. */
const readBytes = 2 ** 30;

/** Bytes that are added at the end and read from anywhere; beyond 16 MiB they lie on disk. */
export class SpillFile {
  readonly #name: string;
  readonly #folder: () => Promise<string>;
  #file: FileHandle | undefined;
  #memory = new Uint8Array(0);
  #length = 0;

  /**
   * @param name of the file, and of these bytes in errors
   * @param folder gives a private folder, which its owner deletes
   */
  constructor(name: string, folder: () => Promise<string>) {
    this.#name = name;
    this.#folder = folder;
  }

  /** Adds bytes, which are copied or written before it resolves. Rejects with `SourceError`. */
  async append(array: ArrayBufferView): Promise<void> {
    const bytes = bytesOf(array);
    const end = this.#length + bytes.length;
    if (this.#file === undefined && end > memoryBytes) {
      this.#file = await this.#try(async () =>
        open(join(await this.#folder(), this.#name), 'wx+', 0o600),
      );
      await this.#write(this.#memory.subarray(0, this.#length), 0);
      this.#memory = new Uint8Array(0);
    }
    if (this.#file === undefined) {
      if (end > this.#memory.length) {
        const grown = new Uint8Array(Math.max(end, 2 * this.#memory.length));
        grown.set(this.#memory);
        this.#memory = grown;
      }
      this.#memory.set(bytes, this.#length);
    } else {
      await this.#write(bytes, this.#length);
    }
    this.#length = end;
  }

  /** Fills an array with what was added from `position` on. Rejects with `SourceError`. */
  async read(position: number, into: ArrayBufferView): Promise<void> {
    const bytes = bytesOf(into);
    if (this.#file === undefined) {
      bytes.set(this.#memory.subarray(position, position + bytes.length));
      return;
    }
    const file = this.#file;
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await this.#try(() =>
        file.read(bytes, done, Math.min(bytes.length - done, readBytes), position + done),
      );
      if (bytesRead === 0) throw systemFailure(this.#name, new Error('the file is too short'));
      done += bytesRead;
    }
  }

  /** As `read`, at once. Throws `SourceError`. */
  readSync(position: number, into: ArrayBufferView): void {
    const bytes = bytesOf(into);
    if (this.#file === undefined) {
      bytes.set(this.#memory.subarray(position, position + bytes.length));
      return;
    }
    for (let done = 0; done < bytes.length; ) {
      const length = Math.min(bytes.length - done, readBytes);
      let count = 0;
      try {
        count = readSync(this.#file.fd, bytes, done, length, position + done);
      } catch (cause) {
        throw systemFailure(this.#name, cause);
      }
      if (count === 0) throw systemFailure(this.#name, new Error('the file is too short'));
      done += count;
    }
  }

  /** Gives the memory and the space on disk back. The file must not be used afterwards. */
  async remove(): Promise<void> {
    this.#memory = new Uint8Array(0);
    // Its folder is deleted with its name; its bytes go now.
    await this.#file?.truncate(0).catch(() => {});
    await this.#file?.close();
    this.#file = undefined;
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#try(() =>
        this.#file!.write(bytes, done, bytes.length - done, position + done),
      );
      done += bytesWritten;
    }
  }

  async #try<Result>(call: () => Promise<Result>): Promise<Result> {
    try {
      return await call();
    } catch (cause) {
      throw systemFailure(this.#name, cause);
    }
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
