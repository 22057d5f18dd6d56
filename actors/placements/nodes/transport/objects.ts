import { setTimeout as wait } from 'node:timers/promises';
import type { ObjectInfo, ObjectResult, ObjectStore } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { asError } from '../../../as-error.js';
import { ConnectionError, InvalidMessageError } from '../../../errors.js';
import { pieceBytesOf } from './frame.js';
import { installed } from './installed.js';
import { bytesOf, type Range } from './ranges.js';

/** A get can wait for ever when its stream is gone. */
const silenceMs = 15_000;

/** Covers a server that restarts. */
const attempts = 8;
const retryMs = 500;

/** Objects outlive a supervisor that was killed by this much. */
const lifetimeMs = 6 * 60 * 60 * 1000;

/** A bucket of objects, each with a SHA-256 that is checked when it is read. */
export interface Objects {
  /**
   * Copies stretches of memory, one after the other, into an object; a former one is replaced.
   *
   * @returns SHA-256 of its bytes, base64url
   */
  put(name: string, memory: SharedArrayBuffer, ranges: readonly Range[]): Promise<string>;
  /**
   * Copies an object into stretches of memory. Rejects if it is missing, has a wrong size or
   * digest, or does not come; some of the memory may be written then.
   *
   * @param digest that `put` has returned
   */
  get(
    name: string,
    memory: SharedArrayBuffer,
    ranges: readonly Range[],
    digest: string,
  ): Promise<void>;
  /** Removes an object, if it is there. Never rejects. */
  remove(name: string): Promise<void>;
  /** Removes the bucket. Never rejects. */
  destroy(): Promise<void>;
}

/**
 * Opens a bucket. Throws `ConnectionError` if the server has no JetStream, or forbids its use.
 *
 * @param create whether to make it
 * @param closing ends what is under way
 * @param isConnected whether the server can be reached now: without it no attempt counts
 */
export async function openObjects(
  connection: NatsConnection,
  bucket: string,
  { create, ...given }: Omit<Road, 'chunkBytes'> & { readonly create: boolean },
): Promise<Objects> {
  const { jetstream, StorageType } = await installed(import('@nats-io/jetstream'));
  const { Objm, setSha256Backend } = await installed(import('@nats-io/obj'));
  // Five times as fast as the default, which is JavaScript.
  setSha256Backend('native');
  const road = { ...given, chunkBytes: pieceBytesOf(connection.info!.max_payload) };
  const manager = new Objm(jetstream(connection, { timeout: 5_000 }));
  const ttl = lifetimeMs * 1_000_000;
  // On disk: a get from memory waits for ever when the server restarts.
  const make = () => manager.create(bucket, { storage: StorageType.File, ttl });
  try {
    return create
      ? objectsOf(await make(), road, make)
      : objectsOf(await manager.open(bucket), road);
  } catch (cause) {
    throw new ConnectionError(
      `the NATS server gives no object store: ${asError(cause).message}; expected JetStream and ` +
        "the permission to use it; try 'nats-server -js'",
      { cause },
    );
  }
}

/** The state of the connection, and the size of a chunk. */
interface Road {
  readonly closing: AbortSignal;
  readonly isConnected: () => boolean;
  readonly chunkBytes: number;
}

/** @param make makes the bucket again if it is gone; left out where only the supervisor may */
function objectsOf(store: ObjectStore, road: Road, make?: () => Promise<unknown>): Objects {
  const soon = <Result>(work: Promise<Result>) => orSilence(work, road.closing);
  return {
    put: (name, memory, ranges) =>
      persist(road, async () => {
        const meta = { name, options: { max_chunk_size: road.chunkBytes } };
        try {
          // The client's own, of what it was given.
          return shaOf(await store.put(meta, readRanges(memory, ranges, road.chunkBytes)));
        } catch (error) {
          // A worker removes the bucket if this process was silent for long.
          await make?.().catch(() => {});
          throw error;
        }
      }),
    get: (name, memory, ranges, digest) =>
      persist(road, async () => {
        const found = await soon(store.get(name));
        if (found === null) throw new Error(`found no object ${name}; expected one`);
        await writeRanges({ name, digest }, found, memory, ranges, soon);
      }),
    async remove(name) {
      await soon(store.delete(name)).catch(() => {});
    },
    async destroy() {
      await soon(store.destroy()).catch(() => {});
    },
  };
}

/** The bytes of stretches of memory, copied chunk by chunk: the network takes no shared memory. */
function readRanges(
  memory: SharedArrayBuffer,
  ranges: readonly Range[],
  chunkBytes: number,
): ReadableStream<Uint8Array> {
  const chunks = chunksOf(ranges, chunkBytes);
  return new ReadableStream({
    pull(controller) {
      const { value, done } = chunks.next();
      if (done) return controller.close();
      controller.enqueue(new Uint8Array(memory, value.offset, value.bytes).slice());
    },
  });
}

function* chunksOf(ranges: readonly Range[], chunkBytes: number): Generator<Range, void> {
  for (const { offset, bytes } of ranges) {
    for (let at = 0; at < bytes; at += chunkBytes) {
      yield { offset: offset + at, bytes: Math.min(chunkBytes, bytes - at) };
    }
  }
}

async function writeRanges(
  { name, digest }: { readonly name: string; readonly digest: string },
  { info, data, error }: ObjectResult,
  memory: SharedArrayBuffer,
  ranges: readonly Range[],
  soon: <Result>(work: Promise<Result>) => Promise<Result>,
): Promise<void> {
  // The stream reports it as well.
  error.catch(() => {});
  const expected = bytesOf(ranges);
  const reader = data.getReader();
  try {
    // Others may write there, so what the store says of an object is no proof. With the right SHA-256
    // it is: the client compares that with what comes.
    if (shaOf(info) !== digest) throw damagedObject(name);
    checkSize(name, info.size, expected);
    const left = ranges
      .filter(({ bytes }) => bytes > 0)
      .map(({ offset, bytes }) => new Uint8Array(memory, offset, bytes));
    let written = 0;
    for (;;) {
      const { value, done } = await soon(reader.read()).catch(orDamaged(name));
      if (done) break;
      written += value.length;
      checkSize(name, Math.max(written, expected), expected);
      for (let chunk = value; chunk.length > 0; ) {
        const part = chunk.subarray(0, left[0]!.length);
        left[0]!.set(part);
        chunk = chunk.subarray(part.length);
        left[0] = left[0]!.subarray(part.length);
        if (left[0].length === 0) left.shift();
      }
    }
    checkSize(name, written, expected);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Rethrows an error; that of a wrong digest as `InvalidMessageError`. */
function orDamaged(name: string): (error: unknown) => never {
  return (error) => {
    if (!/corrupt object/.test(asError(error).message)) throw error;
    throw damagedObject(name);
  };
}

function damagedObject(name: string): InvalidMessageError {
  return new InvalidMessageError(`object ${name} damaged`, 'what its SHA-256 says');
}

/** SHA-256 of an object as the client writes it, in base64url without padding. */
function shaOf({ digest }: ObjectInfo): string {
  return digest.replace(/^SHA-256=/, '').replace(/=+$/, '');
}

function checkSize(name: string, found: number, expected: number): void {
  if (found === expected) return;
  throw new InvalidMessageError(`object ${name} of ${found} bytes`, `${expected} bytes`);
}

/** Repeats failed attempts; rejects with the last error. Waits while the server is away. */
async function persist<Result>(
  { closing, isConnected }: Road,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isFinal = error instanceof InvalidMessageError || closing.aborted;
      if (attempt === attempts || isFinal) throw error;
      do await wait(retryMs, undefined, { signal: closing });
      while (!isConnected());
    }
  }
}

/** Rejects if nothing comes for too long, or when the connection closes. */
async function orSilence<Result>(work: Promise<Result>, closing: AbortSignal): Promise<Result> {
  const settled = new AbortController();
  const signal = AbortSignal.any([settled.signal, closing]);
  try {
    return await Promise.race([
      work,
      wait(silenceMs, undefined, { signal }).then(() => {
        throw new Error(`nothing came for ${silenceMs / 1000} s`);
      }),
    ]);
  } finally {
    settled.abort();
  }
}
