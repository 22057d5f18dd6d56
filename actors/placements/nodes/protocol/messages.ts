import type { BlockTask } from '../../../../src/kernels/kernel.js';
import type { KernelName } from '../../../../src/kernels/kernel-names.js';
import type { JobShape } from '../../../../src/kernels/lay-out-job.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import type { BlockResult } from '../../block-result.js';
import type { WireError } from '../../wire-error.js';
import { encodeFrame } from '../transport/frame.js';
import type { JobData } from './job-data.js';

/*
 * Every message between a supervisor and its nodes, as JSON, some with bytes behind it (`frame.ts`).
 * Ratings go through an object store, and a message only names the object; or workers read them.
 *
 *     worker ── hello ──► all supervisors      4 times a second
 *     supervisor ── join ──► worker            answered with joined or refused
 *     supervisor ── hold ──► worker            answered with loaded or unloaded
 *     supervisor ── load ──► worker            answered with loaded or unloaded
 *     supervisor ── read ──► worker            answered with read or unloaded
 *     supervisor ── rows ──► workers           acknowledged by each; see row-piece.ts
 *     supervisor ── solve ──► worker           answered with solved or failed
 *     supervisor ── fetch ──► worker           answered with the bytes, once the task is solved or the block is read
 *     supervisor ── publish ──► worker         the same bytes, as rows to all
 *     worker ── rows ──► supervisor, workers
 *     supervisor ── drop ──► worker            the task is answered as soon as can be, with failed
 *     supervisor ── leave ──► worker           answered with left
 *     worker ── left ──► supervisor            also unasked: its blocks are free
 *     supervisor ── alive ──► its workers      4 times a second
 *     supervisor ── nothing ──► worker         4 times a second: does it hear its commands?
 *
 * All but `hello` and `alive` are sealed: only the supervisor and this worker have the key (`seal.ts`).
 * They are repeated until they are acknowledged (`fetch`: answered), so they
 * can come twice. A command has a number that no other of its job has, and its answer repeats it: the number is the
 * epoch of a task, and an answer whose number no request waits for comes from a past epoch.
 */

/** Changes when these messages do. */
export const protocolVersion = 8;

/** What a worker says about itself. */
export interface Hello {
  readonly type: 'hello';
  readonly protocol: number;
  /** Of the package. */
  readonly version: string;
  /** Unique: its name in subjects, a dash, and a random suffix. */
  readonly worker: string;
  /** Its public key: supervisors agree on a key with it. */
  readonly key: string;
  /** For people. */
  readonly name: string;
  readonly threads: number;
  /** Bytes of memory that it offers. */
  readonly memory: number;
  readonly kernels: readonly KernelName[];
  /** Pattern of the jobs that it takes. */
  readonly jobs: string;
  /** Whether it has folders of files that it may read ratings from. */
  readonly hasData: boolean;
  /** Number of commands that it has taken and not answered. */
  readonly busy: number;
  /** The job that it has, if any. */
  readonly job?: string;
}

/** What a supervisor asks of a worker. */
export type NodeCommand =
  | {
      readonly type: 'join';
      readonly number: number;
      readonly job: string;
      readonly version: string;
      /** The supervisor's public key. */
      readonly key: string;
      readonly shape: JobShape;
      /** Whether the worker holds only the blocks that it is told to, in parts. */
      readonly inParts: boolean;
    }
  /** The worker makes room for blocks that become one part; their ratings follow. */
  | {
      readonly type: 'hold';
      readonly number: number;
      readonly side: Side;
      readonly blocks: readonly number[];
    }
  | {
      readonly type: 'load';
      readonly number: number;
      readonly data: JobData;
      /** Name of the object. */
      readonly object: string;
      /** SHA-256 of what is in it, base64url: others may write to the store. */
      readonly digest: string;
    }
  /** The worker reads a block's ratings from the source in the job's shape. */
  | {
      readonly type: 'read';
      readonly number: number;
      readonly side: Side;
      readonly block: number;
    }
  | { readonly type: 'solve'; readonly number: number; readonly task: BlockTask }
  /** About the task of that number. */
  | { readonly type: 'drop'; readonly number: number }
  | { readonly type: 'leave'; readonly number: number };

/**
 * Asks for some of the bytes that a solved task has written; or of the bits that a `read` has left to
 * be fetched.
 */
export interface Fetch {
  readonly type: 'fetch';
  /** The task's, or the read's. */
  readonly number: number;
  /** First byte, of all that it has written one after the other. */
  readonly at: number;
  /** How many. */
  readonly bytes: number;
}

/** Asks for rows that a solved task has written to be published to all, in one message. */
export interface Publish {
  readonly type: 'publish';
  /** The task's. */
  readonly number: number;
  readonly first: number;
  readonly count: number;
  /** Where nodes acknowledge it. */
  readonly replyTo: string;
  /** Keys that seal it for them, encrypted. */
  readonly hiddenKeys: Uint8Array;
}

/** What a worker answers. */
export type NodeAnswer =
  | { readonly type: 'joined' | 'loaded'; readonly number: number }
  | {
      readonly type: 'read';
      readonly number: number;
      /**
       * A bit for each row of the other side, lowest first: whether the block's ratings need it. Empty
       * if that does not fit the answer, and they are fetched.
       */
      readonly needed: Uint8Array;
    }
  | { readonly type: 'refused' | 'unloaded'; readonly number: number; readonly reason: string }
  | {
      readonly type: 'solved';
      readonly number: number;
      readonly result: BlockResult;
      /** What the task has written, if that fits a message; otherwise empty, and it is fetched. */
      readonly written: Uint8Array;
    }
  | { readonly type: 'failed'; readonly number: number; readonly error: WireError }
  /** Its GPU has failed, and it goes on with WASM. */
  | { readonly type: 'fault'; readonly message: string }
  | { readonly type: 'left' };

/** A worker's name in subjects, without its suffix. */
export function subjectName(worker: string): string {
  return worker.slice(0, Math.max(0, worker.lastIndexOf('-')));
}

/** `alpha-1f3a` as the two last parts of a subject, so that permissions can be given by name. */
function addressOf(worker: string): string {
  return `${subjectName(worker)}.${worker.slice(worker.lastIndexOf('-') + 1)}`;
}

/** Subjects. They have the job's id and the worker's name, so that permissions can be given for both. */
export const subjects = Object.freeze({
  /**
   * One part behind `hello` in every version, so that workers of other versions are seen and
   * refused.
   */
  hello: (worker: string) => `seesaw.hello.${subjectName(worker)}`,
  hellos: 'seesaw.hello.*',
  /** Where a worker without a job can be asked to join one. */
  join: (worker: string) => `seesaw.join.${addressOf(worker)}`,
  command: (job: string, worker: string) => `seesaw.${job}.to.${addressOf(worker)}`,
  answer: (job: string, worker: string) => `seesaw.${job}.from.${addressOf(worker)}`,
  fetch: (job: string, worker: string) => `seesaw.${job}.fetch.${addressOf(worker)}`,
  /** Not a subject: the context that answers to `fetch` are sealed for. */
  fetched: (job: string, worker: string) => `fetched ${job} ${worker}`,
  rows: (job: string, worker: string) => `seesaw.${job}.rows.${addressOf(worker)}`,
  /** Reaches every worker of a job. */
  rowsForAll: (job: string) => `seesaw.${job}.rows`,
  alive: (job: string) => `seesaw.${job}.alive`,
});

/** Name of a job's bucket. */
export function bucketOf(job: string): string {
  return `seesaw-${job}`;
}

/** A message as it travels. */
export function encode(message: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}

/** A request for rows to be published, as it travels. */
export function encodePublish({ hiddenKeys, ...message }: Publish): Uint8Array {
  return encodeFrame(message, hiddenKeys.length, (body) => body.set(hiddenKeys));
}

/** An answer as it travels. */
export function encodeAnswer(answer: NodeAnswer): Uint8Array {
  const encoded = (message: object, bytes: Uint8Array) =>
    encodeFrame(message, bytes.length, (body) => body.set(bytes));
  switch (answer.type) {
    case 'solved': {
      const { written, ...message } = answer;
      return encoded(message, written);
    }
    case 'read': {
      const { needed, ...message } = answer;
      return encoded(message, needed);
    }
    default:
      return encode(answer);
  }
}
