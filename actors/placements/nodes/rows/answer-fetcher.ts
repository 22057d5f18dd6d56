import { setTimeout as wait } from 'node:timers/promises';
import { SourceError } from '../../../../src/errors.js';
import { InvalidMessageError, NodeLostError } from '../../../errors.js';
import type { Node } from '../cluster/node.js';
import { decode, integerIn } from '../protocol/fields.js';
import { encode, type Fetch, subjects } from '../protocol/messages.js';
import type { Bus } from '../transport/bus.js';
import { decodeFrame, pieceBytesOf } from '../transport/frame.js';
import { bytesOf, copyTo, type Range, sliceRanges } from '../transport/ranges.js';

/** Attempts at a piece that comes damaged. */
const attempts = 5;
const retryMs = 100;
/** A live node whose requests time out for so long is given up. */
const maxLapsedMs = 8_000;

/** Stretches of one memory. */
interface Place {
  readonly memory: SharedArrayBuffer;
  readonly ranges: readonly Range[];
}

/**
 * Fetches what solved tasks have written from the nodes' memory. This process asks for it piece by
 * piece, so that many nodes that finish at once do not flood it.
 */
export class AnswerFetcher {
  readonly #bus: Bus;
  readonly #job: string;
  readonly #dismiss: (node: Node, reason: string) => void;

  /**
   * @param job its id
   * @param dismiss called for a node that does not give what it has solved
   */
  constructor(bus: Bus, job: string, dismiss: (node: Node, reason: string) => void) {
    this.#dismiss = dismiss;
    this.#bus = bus;
    this.#job = job;
  }

  /**
   * Copies what a task has written to its place. Rejects with `NodeLostError` if the node is lost
   * meanwhile, and then writes no more. A node that sends wrong bytes is dismissed.
   *
   * @param place where the task has written, in this process
   * @param written what came with the answer, if anything
   * @param start first byte to fetch: those before it come by other means
   */
  async fetch(
    node: Node,
    number: number,
    place: Place,
    written: Uint8Array,
    start = 0,
  ): Promise<void> {
    const total = bytesOf(place.ranges);
    if (written.length === total) {
      copyTo(place.memory, place.ranges, written);
      return;
    }
    if (written.length > 0) {
      const found = new InvalidMessageError(
        `${written.length} bytes of a task`,
        `${total} or none`,
      );
      this.#dismiss(node, found.message);
      throw new NodeLostError(node.hello.name, found.message);
    }
    const pieceBytes = pieceBytesOf(this.#bus.maxBytes);
    const pieces = [];
    for (let at = start; at < total; at += pieceBytes) {
      const bytes = Math.min(pieceBytes, total - at);
      pieces.push(this.#fetchPiece(node, { type: 'fetch', number, at, bytes }, place));
    }
    await node.orLost(Promise.all(pieces));
  }

  async #fetchPiece(node: Node, fetch: Fetch, { memory, ranges }: Place): Promise<void> {
    const { at, bytes } = fetch;
    const subject = subjects.fetch(this.#job, node.hello.worker);
    let damaged = 0;
    let lapsedMs = 0;
    for (;;) {
      const leave = await node.fetching.enter(bytes);
      const { ackTimeoutMs } = node.fetching;
      const startMs = performance.now();
      try {
        if (node.isLost) throw new NodeLostError(node.hello.name, 'it was lost before');
        const payload = await this.#bus.request(
          subject,
          node.seal.close(subject, encode(fetch)),
          ackTimeoutMs,
        );
        if (node.isLost) throw new NodeLostError(node.hello.name, 'it was lost meanwhile');
        const frame = node.seal.open(subjects.fetched(this.#job, node.hello.worker), payload);
        copyTo(memory, sliceRanges(ranges, at, bytes), bodyOf(frame, fetch));
        return;
      } catch (error) {
        // A disk takes no rows here.
        if (node.isLost || error instanceof SourceError) throw error;
        if (error instanceof InvalidMessageError && ++damaged === attempts) {
          this.#dismiss(node, `it gives damaged rows: ${error.message}`);
        }
        // Other requests fail at once: there is no subscriber, or no server.
        if (performance.now() - startMs >= ackTimeoutMs - 1) lapsedMs += ackTimeoutMs;
        if (lapsedMs >= maxLapsedMs) this.#dismiss(node, 'it does not give what it has solved');
      } finally {
        leave();
      }
      await wait(retryMs);
    }
  }
}

function bodyOf(payload: Uint8Array, { number, at, bytes }: Fetch): Uint8Array {
  const { message, body } = decodeFrame(payload);
  const from = decode(message);
  integerIn(from, 'number', number, number);
  integerIn(from, 'at', at, at);
  if (body.length === bytes) return body;
  throw new InvalidMessageError(`${body.length} bytes of a task`, `${bytes}`);
}
