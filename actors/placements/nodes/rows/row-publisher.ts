import type { BlockTask } from '../../../../src/kernels/kernel.js';
import { NodeLostError } from '../../../errors.js';
import type { Node } from '../cluster/node.js';
import { encodePublish, subjects } from '../protocol/messages.js';
import {
  cutPiece,
  placePiece,
  type RowPiece,
  readPiece,
  rowBytesOf,
} from '../protocol/row-piece.js';
import { joinKeys, openRows, pieceKey } from '../protocol/row-seal.js';
import { memoryOfRow, type SupervisedJob } from '../protocol/supervised-job.js';
import type { Bus } from '../transport/bus.js';
import { pieceBytesOf } from '../transport/frame.js';
import { AckSet } from './ack-set.js';
import type { RowSender } from './row-sender.js';

/** Attempts, each twice as long, before a live node that does not publish rows is given up. */
const attempts = 4;

/** A piece that is to come. */
interface Expected {
  readonly count: number;
  /** The key under which its solver seals it. */
  readonly key: Uint8Array;
  readonly arrived: () => void;
  readonly failed: (error: unknown) => void;
}

/** What the publisher needs to know of its job. */
export interface RowPublisherSettings {
  /** The job's id. */
  readonly id: string;
  readonly job: SupervisedJob;
  readonly rows: RowSender;
  /** Called for a node that does not give what it has solved. */
  readonly dismiss: (node: Node, reason: string) => void;
}

/** Rows that a node has published to all. */
interface PublishedPiece {
  readonly piece: RowPiece;
  /** Of the nodes that need it. */
  readonly acks: AckSet;
}

/**
 * Lets the node that has solved rows publish them once, to the supervisor and to the nodes that need
 * all of them. The server copies them, so they do not go through the supervisor twice. The supervisor
 * asks for every piece until it comes; a node that does not acknowledge one in time gets it from the
 * supervisor.
 */
export class RowPublisher {
  readonly #bus: Bus;
  readonly #id: string;
  readonly #job: SupervisedJob;
  readonly #rows: RowSender;
  readonly #dismiss: RowPublisherSettings['dismiss'];
  /** By name of a piece: what to call when it has come. */
  readonly #expected = new Map<string, Expected>();

  constructor(bus: Bus, { id, job, rows, dismiss }: RowPublisherSettings) {
    this.#dismiss = dismiss;
    this.#bus = bus;
    this.#id = id;
    this.#job = job;
    this.#rows = rows;
    bus.listen(subjects.rowsForAll(id), (payload) => this.#hear(payload));
  }

  /**
   * Takes in the rows of a solved block, and lets other nodes get them as well. Rejects with
   * `NodeLostError` if the solver is lost meanwhile, and then writes no more.
   *
   * @param number the task's
   * @param receivers nodes that need them all
   */
  async publish(
    solver: Node,
    number: number,
    { side, iteration, block }: BlockTask,
    receivers: readonly Node[],
  ): Promise<void> {
    const { blockStarts } = this.#job[side];
    const table = { type: 'factors', side, generation: iteration } as const;
    const first = blockStarts[block]!;
    const whole = { table, first, count: blockStarts[block + 1]! - first };
    const pieces = cutPiece(whole, rowBytesOf(this.#job), pieceBytesOf(this.#bus.maxBytes));
    const publishing = Array.from(pieces, (piece) =>
      this.#publishPiece(solver, number, piece, receivers),
    );
    const published = await solver.orLost(Promise.all(publishing));
    for (const receiver of receivers) {
      const arriving = Promise.all(published.map((each) => this.#confirm(each, receiver)));
      receiver.held.add({ table, block }, 'all', this.#rows.follow(arriving));
    }
    void Promise.all(receivers.map(({ held }) => held.arrived([{ table, block }]))).then(() => {
      for (const { acks } of published) acks.close();
    });
  }

  /** Resolves when the piece is in this process's memory. */
  async #publishPiece(
    solver: Node,
    number: number,
    piece: RowPiece,
    receivers: readonly Node[],
  ): Promise<PublishedPiece> {
    const bytes = piece.count * rowBytesOf(this.#job);
    const [leave, ...leaves] = await Promise.all([
      solver.fetching.enter(bytes),
      ...receivers.map(({ sending }) => sending.enter(bytes)),
    ]);
    const leaveOf = new Map(receivers.map((receiver, at) => [receiver, leaves[at]!]));
    const acks = new AckSet(this.#bus, receivers, (receiver) => leaveOf.get(receiver)!());
    try {
      const keys = receivers.map(({ seal }) => pieceKey(seal, piece, acks.replyTo));
      await this.#ask(solver, number, piece, acks.replyTo, keys);
    } catch (error) {
      acks.close();
      throw error;
    } finally {
      leave!();
    }
    this.#rows.sentBytes += bytes * receivers.length;
    return { piece, acks };
  }

  /** Asks for a piece until it comes, or the solver is lost. */
  async #ask(
    solver: Node,
    number: number,
    piece: RowPiece,
    replyTo: string,
    keys: readonly Uint8Array[],
  ): Promise<void> {
    const { first, count } = piece;
    const name = pieceName(piece);
    const subject = subjects.fetch(this.#id, solver.hello.worker);
    const hiddenKeys = solver.seal.hide(`publish ${replyTo}`, joinKeys(keys));
    const request = solver.seal.close(
      subject,
      encodePublish({ type: 'publish', number, first, count, replyTo, hiddenKeys }),
    );
    let timer: NodeJS.Timeout | undefined;
    let forget = (): void => {};
    try {
      await new Promise<void>((resolve, reject) => {
        const fail = () => reject(new NodeLostError(solver.hello.name, 'it was lost meanwhile'));
        forget = solver.onLost(fail);
        if (solver.isLost) return fail();
        const key = pieceKey(solver.seal, piece, replyTo);
        this.#expected.set(name, { count, key, arrived: resolve, failed: reject });
        let attempt = 0;
        const ask = (ackTimeoutMs: number): void => {
          this.#bus.publish(subject, request);
          timer = setTimeout(() => {
            if (this.#bus.isConnected && ++attempt === attempts) {
              this.#dismiss(solver, 'it does not give what it has solved');
            } else ask(2 * ackTimeoutMs);
          }, ackTimeoutMs);
        };
        ask(solver.fetching.ackTimeoutMs);
      });
    } finally {
      clearTimeout(timer);
      forget();
      this.#expected.delete(name);
    }
  }

  #hear(payload: Uint8Array): void {
    const sealed = openRows(payload);
    const arrived = readPiece(this.#job, sealed.frame);
    const { piece } = arrived;
    if (piece.table.type !== 'factors' || piece.chosen !== undefined) return;
    const expected = this.#expected.get(pieceName(piece));
    if (expected?.count !== piece.count) return;
    sealed.expectFor(expected.key);
    const { layout, firstRow } = memoryOfRow(this.#job, piece.table, piece.first);
    try {
      placePiece(layout, arrived, firstRow);
      expected.arrived();
    } catch (error) {
      expected.failed(error);
    }
  }

  /**
   * Resolves when a node has a piece. Sends it again if the acknowledgement does not come in time.
   */
  async #confirm({ piece, acks }: PublishedPiece, receiver: Node): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), receiver.sending.ackTimeoutMs);
    });
    const outcome = await Promise.race([acks.settledBy(receiver), late]);
    clearTimeout(timer);
    if (outcome === 'late' && !receiver.isLost) await this.#rows.sendPiece(piece, receiver);
  }
}

function pieceName({ table: { side, generation }, first }: RowPiece): string {
  return `${side}.${generation}.${first}`;
}
