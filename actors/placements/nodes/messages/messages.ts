import type { BlockTask, KernelName } from '../../../../src/kernels/kernel.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import type { BlockResult } from '../../../protocol.js';
import type { WireError } from '../../wire-error.js';
import { encodeFrame } from '../bus/frame.js';
import type { JobShape } from './job-shape.js';
import type { Part } from './parts.js';

/*
 * Every message between a supervisor and its nodes, as JSON, some with bytes behind it (`frame.ts`).
 * Ratings go through an object store, and a message only names the object; or workers read them.
 *
 *     worker ── hello ──► everybody            4 times a second
 *     supervisor ── join ──► worker            answered with joined or refused
 *     supervisor ── load ──► worker            answered with loaded or unloaded
 *     supervisor ── read ──► worker            answered with loaded or unloaded
 *     supervisor ── rows ──► workers           acknowledged by each; see row-piece.ts
 *     supervisor ── solve ──► worker           answered with solved or failed
 *     supervisor ── fetch ──► worker           answered with the bytes, once the task is solved
 *     supervisor ── share ──► worker           the same bytes, as rows to all
 *     worker ── rows ──► supervisor, workers
 *     supervisor ── drop ──► worker            the task is answered as soon as can be, with failed
 *     supervisor ── leave ──► worker           answered with left
 *     worker ── left ──► supervisor            also unasked: its blocks are free
 *     supervisor ── alive ──► its workers      4 times a second
 *     supervisor ── nothing ──► worker         4 times a second: does it hear its commands?
 *
 * All but `hello` and `alive` are repeated until they are acknowledged (`fetch`: answered), so they
 * can come twice. A command has a number that no other of its job has, and its answer repeats it: the number is the
 * epoch of a task, and an answer whose number nobody waits for comes from an epoch that is over.
 */

/** Changes when these messages do. */
export const protocolVersion = 3;

/** What a worker tells of itself. */
export interface Hello {
  readonly type: 'hello';
  readonly protocol: number;
  /** Of the package. */
  readonly version: string;
  /** Unique. */
  readonly worker: string;
  /** For people. */
  readonly name: string;
  readonly threads: number;
  /** Bytes of memory of its machine. */
  readonly memory: number;
  readonly kernels: readonly KernelName[];
  /** Pattern of the jobs that it takes. */
  readonly jobs: string;
  /** Whether it has folders of files that it may read ratings from. */
  readonly hasData: boolean;
  /** Commands that it has taken and not answered: who is busy with none answers no more. */
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
      readonly shape: JobShape;
    }
  | {
      readonly type: 'load';
      readonly number: number;
      readonly part: Part;
      /** Name of the object. */
      readonly object: string;
    }
  /** The worker is to read a block's ratings from the source that the job's shape tells. */
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

/** Asks for some of the bytes that a solved task has written. */
export interface Fetch {
  readonly type: 'fetch';
  /** The task's. */
  readonly number: number;
  /** First byte, of all that it has written one after the other. */
  readonly at: number;
  /** How many. */
  readonly bytes: number;
}

/** Asks for rows that a solved task has written to be published to all, in one message. */
export interface Share {
  readonly type: 'share';
  /** The task's. */
  readonly number: number;
  readonly first: number;
  readonly count: number;
  /** Where nodes acknowledge it. */
  readonly replyTo: string;
}

/** What a worker answers. */
export type NodeAnswer =
  | { readonly type: 'joined' | 'loaded'; readonly number: number }
  | { readonly type: 'refused' | 'unloaded'; readonly number: number; readonly reason: string }
  | {
      readonly type: 'solved';
      readonly number: number;
      readonly result: BlockResult;
      /** What the task has written, if that fits a message; otherwise nothing, and it is fetched. */
      readonly written: Uint8Array;
    }
  | { readonly type: 'failed'; readonly number: number; readonly error: WireError }
  /** Its GPU has failed, and it goes on with WASM. */
  | { readonly type: 'fault'; readonly message: string }
  | { readonly type: 'left' };

/** Subjects. A job's begin with its id, so that permissions can be given for a job. */
export const subjects = Object.freeze({
  hello: (worker: string) => `seesaw.hello.${worker}`,
  /** Where a worker without a job can be asked to join one. */
  join: (worker: string) => `seesaw.join.${worker}`,
  command: (job: string, worker: string) => `seesaw.${job}.to.${worker}`,
  answer: (job: string, worker: string) => `seesaw.${job}.from.${worker}`,
  fetch: (job: string, worker: string) => `seesaw.${job}.fetch.${worker}`,
  rows: (job: string, worker: string) => `seesaw.${job}.rows.${worker}`,
  /** What every worker of a job hears. */
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

/** An answer as it travels. */
export function encodeAnswer(answer: NodeAnswer): Uint8Array {
  if (answer.type !== 'solved') return encode(answer);
  const { written, ...message } = answer;
  return encodeFrame(message, written.length, (body) => body.set(written));
}
