import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WatchError } from '../errors.js';
import { fileFault } from '../io/files/file-fault.js';
import { makeFolder } from '../io/files/make-folder.js';

/** Lines are written together: a fast training has thousands a second. */
const pauseMs = 250;

/** A file that grows by lines. */
export class LineFile {
  readonly #file: FileHandle;
  readonly #onFailure: (error: unknown) => void;
  #pending: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #hasFailed = false;

  private constructor(file: FileHandle, onFailure: (error: unknown) => void) {
    this.#file = file;
    this.#onFailure = onFailure;
  }

  /**
   * Begins a file; an existing one is replaced. Throws `WatchError` if that cannot be done.
   *
   * @param onFailure called once if a later write fails; nothing is written after that
   */
  static async create(path: string, onFailure: (error: unknown) => void): Promise<LineFile> {
    try {
      await makeFolder(dirname(path));
      return new LineFile(await open(path, 'w'), onFailure);
    } catch (cause) {
      const message = fileFault(cause, path, 'a file that can be written to');
      throw message === undefined ? cause : new WatchError(message, { cause });
    }
  }

  append(line: string): void {
    if (this.#hasFailed) return;
    this.#pending.push(line);
    this.#timer ??= setTimeout(() => this.#write(), pauseMs).unref();
  }

  /** Resolves when all is written and the file closed. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#write();
    await this.#writing;
    await this.#file.close();
  }

  #write(): void {
    this.#timer = undefined;
    if (this.#pending.length === 0) return;
    const text = `${this.#pending.join('\n')}\n`;
    this.#pending = [];
    this.#writing = this.#writing.then(async () => {
      if (this.#hasFailed) return;
      try {
        await this.#file.appendFile(text);
      } catch (error) {
        this.#hasFailed = true;
        this.#onFailure(error);
      }
    });
  }
}
