import type { Line } from './lines.js';

/** What a log keeps in memory; of longer ones the oldest phases are dropped, which take most. */
const defaultMaxLength = 64 * 2 ** 20;
/** Lines that wait to become text; more would be objects that a long run keeps. */
const maxPending = 64;

/** A line before the log adds the time. */
export type WithoutTime<Each> = Each extends unknown ? Omit<Each, 'at'> : never;

/** A line, or what makes one later: it must not change until then. */
export type LineOrMaker = WithoutTime<Line> | (() => WithoutTime<Line>);

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

/**
 * The lines of a run that this process trains. They become text together when someone reads them,
 * which costs a training far less than a little work between every two phases, from cold caches.
 */
export class EventLog implements LineLog {
  readonly #lines: string[] = [];
  #pending: { readonly at: number; readonly line: LineOrMaker }[] = [];
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
    return this.#lines.length + this.#pending.length;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Appends a line with the time of now. */
  append(line: LineOrMaker): void {
    const at = Math.round((this.#now() - this.#startMs) * 1000) / 1e6;
    this.#pending.push({ at, line });
    if (this.#pending.length >= maxPending) this.#settle();
    for (const listener of this.#listeners) listener();
  }

  /** Appends the last line. */
  close(): void {
    this.#isClosed = true;
    this.append({ type: 'closed' });
  }

  read(
    from: number,
    maxLength: number,
  ): { readonly lines: readonly string[]; readonly next: number } {
    this.#settle();
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

  #settle(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const { at, line } of pending) {
      const text = textOf(at, typeof line === 'function' ? line() : line);
      this.#lines.push(text);
      this.#length += text.length;
    }
    while (this.#length > this.#maxLength && this.#nextToDrop < this.#lines.length) this.#dropOne();
  }

  /** Numbers stay: a dropped line is empty. */
  #dropOne(): void {
    const at = this.#nextToDrop++;
    const line = this.#lines[at]!;
    if (!line.includes('"type":"phase"')) return;
    this.#length -= line.length;
    this.#lines[at] = '';
  }
}

/** JSON. A function that sees every number of a phase takes most of the time, so few lines get one. */
function textOf(at: number, line: object): string {
  let text: string;
  try {
    text = JSON.stringify(line);
  } catch {
    text = JSON.stringify(line, asPlain);
  }
  // No line is empty: each has its type.
  return `{"at":${at},${text.slice(1)}`;
}

/** Bigints are ids. */
function asPlain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
