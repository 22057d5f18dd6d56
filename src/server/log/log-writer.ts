import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../io/files/make-folder.js';
import { syncFolder } from '../../io/files/replace-file.js';
import { takeToken } from '../../io/files/writer-token.js';
import { BusyError } from '../http-error.js';
import type { StoredInteraction } from '../user-interactions.js';
import { logFault } from './log-fault.js';
import { lineOf } from './log-record.js';

/** Bytes that may wait to be written. */
const maxWaitingBytes = 64 * 2 ** 20;

interface Batch {
  readonly lines: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends interactions to a log. Every process writes a file of its own, so several may share a
 * folder, and nothing that was acknowledged is ever cut. What arrives while the disk is busy is written and synced together.
 */
export class LogWriter {
  readonly #folder: string;
  readonly #startedAt: number;
  #file: FileHandle | undefined;
  #waiting: Batch[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  /** Bytes of the file that are acknowledged. */
  #length = 0;
  #isClosed = false;

  /** @param startedAt Unix milliseconds: files are read in this order */
  constructor(folder: string, startedAt: number) {
    this.#folder = folder;
    this.#startedAt = startedAt;
  }

  /**
   * Resolves when the interactions are on disk. Rejects with `InteractionLogError`, or `BusyError`
   * if too much waits for the disk; then none of them is acknowledged.
   */
  append(interactions: readonly StoredInteraction[]): Promise<void> {
    if (this.#isClosed) return Promise.reject(new BusyError('the service is closing'));
    if (this.#waitingBytes > maxWaitingBytes) {
      return Promise.reject(new BusyError('too many interactions wait for the disk'));
    }
    const lines = interactions.map(lineOf).join('');
    this.#waitingBytes += lines.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lines, resolve, reject });
      this.#writing ??= this.#writeAll().finally(() => {
        this.#writing = undefined;
      });
    });
  }

  /** Resolves when all that was appended is on disk. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batches = this.#waiting.splice(0);
      this.#waitingBytes = 0;
      try {
        await this.#write(Buffer.from(batches.map(({ lines }) => lines).join('')));
        for (const { resolve } of batches) resolve();
      } catch (cause) {
        const error = logFault('ERR_LOG_UNWRITABLE', this.#folder, cause);
        for (const { reject } of batches) reject(error);
      }
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    this.#file ??= await this.#open();
    try {
      await writeFully(this.#file, bytes);
      await this.#file.datasync();
      this.#length += bytes.length;
    } catch (error) {
      await this.#goBack(this.#file);
      throw error;
    }
  }

  /** Cuts off what was not acknowledged; if that fails too, the next interaction gets another file. */
  async #goBack(file: FileHandle): Promise<void> {
    await file.truncate(this.#length).catch(async () => {
      this.#file = undefined;
      await file.close().catch(() => {});
    });
  }

  async #open(): Promise<FileHandle> {
    this.#length = 0;
    await makeFolder(this.#folder);
    const started = String(this.#startedAt).padStart(15, '0');
    const path = join(this.#folder, `interactions-${started}-${takeToken()}.log`);
    const file = await open(path, 'ax', 0o600);
    await syncFolder(this.#folder);
    return file;
  }
}

async function writeFully(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
  }
}
