import type { Line } from './lines.js';

/** What a log keeps in memory; of longer ones the oldest phases are dropped, which take most. */
const defaultMaxLength = 64 * 2 ** 20;

/** A line before the log adds the time. */
export type WithoutTime<Each> = Each extends unknown ? Omit<Each, 'at'> : never;

/** Numbered lines, from 0. */
export interface LineLog {
  /** Number of the next line. */
  readonly end: number;
  /** Whether no line will follow. */
  readonly isClosed: boolean;
  /** Lines from a number on, as far as they are kept: at most about `maxLength` characters. */
  read(
    from: number,
    maxLength: number,
  ): { readonly lines: readonly string[]; readonly next: number };
  /** Calls when there is more to read, until the returned function is called. */
  listen(onMore: () => void): () => void;
}

/** The lines of a run that this process trains. */
export class EventLog implements LineLog {
  readonly #lines: string[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #now: () => number;
  readonly #startMs: number;
  readonly #maxLength: number;
  #length = 0;
  #nextToDrop = 0;
  #isClosed = false;

  /** @param now milliseconds; only differences count */
  constructor({
    now,
    maxLength = defaultMaxLength,
  }: {
    readonly now: () => number;
    readonly maxLength?: number;
  }) {
    this.#now = now;
    this.#startMs = now();
    this.#maxLength = maxLength;
  }

  get end(): number {
    return this.#lines.length;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Appends a line with the time, and returns it as text without a line break. */
  append(line: WithoutTime<Line>): string {
    const at = Math.round((this.#now() - this.#startMs) * 1000) / 1e6;
    const text = textOf({ at, ...line });
    this.#lines.push(text);
    this.#length += text.length;
    while (this.#length > this.#maxLength && this.#nextToDrop < this.#lines.length) this.#dropOne();
    this.#tell();
    return text;
  }

  /** Appends the last line, and returns it. */
  close(): string {
    this.#isClosed = true;
    return this.append({ type: 'closed' });
  }

  read(
    from: number,
    maxLength: number,
  ): { readonly lines: readonly string[]; readonly next: number } {
    const lines: string[] = [];
    let next = from;
    for (let length = 0; next < this.#lines.length && length < maxLength; next++) {
      const line = this.#lines[next]!;
      length += line.length;
      if (line !== '') lines.push(line);
    }
    return { lines, next };
  }

  listen(onMore: () => void): () => void {
    this.#listeners.add(onMore);
    return () => this.#listeners.delete(onMore);
  }

  /** Numbers stay: a dropped line is empty. */
  #dropOne(): void {
    const at = this.#nextToDrop++;
    const line = this.#lines[at]!;
    if (!line.includes('"type":"phase"')) return;
    this.#length -= line.length;
    this.#lines[at] = '';
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** JSON. A function that sees every number of a phase takes most of the time, so few lines get one. */
function textOf(line: object): string {
  try {
    return JSON.stringify(line);
  } catch {
    return JSON.stringify(line, asPlain);
  }
}

/** Bigints are ids. */
function asPlain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
