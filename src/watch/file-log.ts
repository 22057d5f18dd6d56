import { type FileHandle, open } from 'node:fs/promises';
import type { LineLog } from './event-log.js';

/** How often a file is checked for more lines while there are listeners. */
const pauseMs = 1000;
const pieceBytes = 2 ** 20;
const newLine = 10;

/** The kept lines of a run, also of one that another process writes at the moment. */
export class FileLog implements LineLog {
  readonly #file: FileHandle;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<() => void>();
  #readBytes = 0;
  /** Of a line that is not whole yet. */
  #rest = Buffer.alloc(0);
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Reads all that is there. Throws the operating system's error. */
  static async open(path: string): Promise<FileLog> {
    const log = new FileLog(await open(path));
    await log.#readMore();
    return log;
  }

  get end(): number {
    return this.#lines.length;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  read(
    from: number,
    maxLength: number,
  ): { readonly lines: readonly string[]; readonly next: number } {
    let next = from;
    for (let length = 0; next < this.#lines.length && length < maxLength; next++) {
      length += this.#lines[next]!.length;
    }
    return { lines: this.#lines.slice(from, next), next };
  }

  listen(onMore: () => void): () => void {
    this.#listeners.add(onMore);
    this.#timer ??= setTimeout(() => this.#look(), pauseMs).unref();
    return () => this.#listeners.delete(onMore);
  }

  /** Closes the file. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isClosed = true;
    this.#tell();
    await this.#file.close();
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    if (this.#isClosed) return;
    const before = this.#lines.length;
    // A file that cannot be read any more has no news.
    await this.#readMore().catch(() => {});
    if (this.#lines.length > before) this.#tell();
    if (this.#listeners.size > 0) this.#timer ??= setTimeout(() => this.#look(), pauseMs).unref();
  }

  async #readMore(): Promise<void> {
    const piece = Buffer.alloc(pieceBytes);
    for (;;) {
      const { bytesRead } = await this.#file.read(piece, 0, pieceBytes, this.#readBytes);
      if (bytesRead === 0) break;
      this.#readBytes += bytesRead;
      const all = Buffer.concat([this.#rest, piece.subarray(0, bytesRead)]);
      const end = all.lastIndexOf(newLine) + 1;
      this.#rest = all.subarray(end);
      if (end > 0) this.#lines.push(...all.toString('utf8', 0, end - 1).split('\n'));
    }
    this.#isClosed ||= this.#lines.at(-1)?.includes('"type":"closed"') === true;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
