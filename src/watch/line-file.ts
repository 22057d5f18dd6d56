import { writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WatchError } from '../errors.js';
import { fileFault } from '../io/files/file-fault.js';
import { makeFolder } from '../io/files/make-folder.js';
import type { LineLog } from './event-log.js';

/** Lines are written together: a fast training has thousands a second. */
const pauseMs = 1000;

/** A file that gets the lines of a log. */
export class LineFile {
  readonly #file: FileHandle;
  readonly #log: LineLog;
  readonly #onFailure: (error: unknown) => void;
  readonly #ignore: () => void;
  readonly #atExit = () => this.#writeAtExit();
  #next = 0;
  #timer: NodeJS.Timeout | undefined;
  #writtenMs = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> = Promise.resolve();
  #hasFailed = false;

  private constructor(file: FileHandle, log: LineLog, onFailure: (error: unknown) => void) {
    this.#file = file;
    this.#log = log;
    this.#onFailure = onFailure;
    this.#ignore = log.listen(() => this.#wake());
    process.on('exit', this.#atExit);
    this.#wake();
  }

  /**
   * Begins a file; an existing one is replaced. Lines are written until `close`, about a second
   * after they come; those that wait when the process exits are written then. Throws `WatchError`
   * if the file cannot be made.
   *
   * @param onFailure called once if a later write fails; nothing is written after that
   */
  static async create(
    path: string,
    log: LineLog,
    onFailure: (error: unknown) => void,
  ): Promise<LineFile> {
    try {
      await makeFolder(dirname(path));
      return new LineFile(await open(path, 'w'), log, onFailure);
    } catch (cause) {
      const message = fileFault(cause, path, 'a file that can be written to');
      throw message === undefined ? cause : new WatchError(message, { cause });
    }
  }

  /** Resolves when all is written and the file closed. */
  async close(): Promise<void> {
    this.#ignore();
    clearTimeout(this.#timer);
    this.#write();
    await this.#writing;
    process.off('exit', this.#atExit);
    await this.#file.close();
  }

  #wake(): void {
    if (this.#timer !== undefined) return;
    const wait = Math.max(0, this.#writtenMs + pauseMs - performance.now());
    this.#timer = setTimeout(() => this.#write(), wait).unref();
  }

  #write(): void {
    this.#timer = undefined;
    this.#writtenMs = performance.now();
    this.#writing = this.#writing.then(async () => {
      try {
        const text = this.#unwritten();
        if (text !== '') await this.#file.appendFile(text);
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  #unwritten(): string {
    if (this.#hasFailed) return '';
    const { lines, next } = this.#log.read(this.#next, Number.POSITIVE_INFINITY);
    this.#next = next;
    return lines.map((line) => `${line}\n`).join('');
  }

  #fail(error: unknown): void {
    this.#hasFailed = true;
    this.#ignore();
    clearTimeout(this.#timer);
    this.#onFailure(error);
  }

  /** Nothing asynchronous runs any more. */
  #writeAtExit(): void {
    try {
      writeSync(this.#file.fd, this.#unwritten());
    } catch {
      // Nobody is left to tell.
    }
  }
}
