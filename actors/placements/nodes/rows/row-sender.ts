import { asError } from '../../../as-error.js';
import { type Stretch, stretchName } from '../cluster/held-rows.js';
import type { Node } from '../cluster/node.js';
import { subjects } from '../protocol/messages.js';
import {
  chosenCount,
  cutPiece,
  encodePiece,
  type RowPiece,
  type RowTable,
  rowBytesOf,
} from '../protocol/row-piece.js';
import { pieceKey, rowSealBytes, sealRows } from '../protocol/row-seal.js';
import type { RowSelection } from '../protocol/row-selection.js';
import { memoryOfRow, type SupervisedJob } from '../protocol/supervised-job.js';
import type { Bus } from '../transport/bus.js';
import { pieceBytesOf } from '../transport/frame.js';
import { FrameBufferPool } from '../transport/frame-buffer-pool.js';
import { AckSet } from './ack-set.js';
import { planRows } from './plan-rows.js';

/** Attempts at a piece, each twice as long, before a node is given up. */
const attempts = 4;
/** The same for a node that has never taken one. */
const firstAttempts = 3;

/** Rows that a node is to have. */
export interface RowWant extends Stretch {
  readonly choice: RowSelection;
}

/** What the sender needs to know of its job. */
export interface RowSenderSettings {
  /** The job's id. */
  readonly id: string;
  readonly job: SupervisedJob;
  /** Nodes that hear what is for all. */
  readonly nodes: () => readonly Node[];
  /** By row: the selection of its readers. */
  readonly readers: (side: RowTable['side']) => Uint32Array;
  /** Called for a node that takes no rows. */
  readonly dismiss: (node: Node, reason: string) => void;
  /** Called if rows cannot be read here: all nodes are to be lost. */
  readonly giveUp: (error: Error) => void;
}

/**
 * Sends nodes the rows that they lack. What is under way is bounded by a limit for each node; rows
 * are copied out of the job's memory when there is room. A piece is sent again until it is
 * acknowledged. A node acknowledges it when it has checked it and copied it to its place.
 */
export class RowSender {
  readonly #bus: Bus;
  readonly #settings: RowSenderSettings;
  readonly #pieceBytes: number;
  readonly #room = new FrameBufferPool();
  readonly #underWay = new Set<Promise<unknown>>();
  /** Bytes that have been sent so far, counted at every node that hears them. */
  sentBytes = 0;

  constructor(bus: Bus, settings: RowSenderSettings) {
    this.#bus = bus;
    this.#settings = settings;
    this.#pieceBytes = pieceBytesOf(bus.maxBytes);
  }

  /**
   * Begins to send what nodes lack.
   *
   * @param wants by node; the same blocks for several can go together
   */
  send(wants: ReadonlyMap<Node, readonly RowWant[]>): void {
    const byStretch = new Map<string, { want: RowWant; nodes: Node[]; choices: RowSelection[] }>();
    for (const [node, wanted] of wants) {
      for (const want of wanted) {
        const key = stretchName(want);
        if (!byStretch.has(key)) byStretch.set(key, { want, nodes: [], choices: [] });
        const stretch = byStretch.get(key)!;
        stretch.nodes.push(node);
        stretch.choices.push(want.choice);
      }
    }
    for (const { want, nodes, choices } of byStretch.values()) {
      const wishes = nodes.map((node, at) => ({
        wanted: choices[at]!,
        held: node.held.choiceOf(want),
      }));
      const { first, count } = this.#stretchOf(want);
      const readers = () => this.#settings.readers(want.table.side).subarray(first, first + count);
      const plan = planRows(wishes, count, readers, this.#settings.nodes().length);
      const arrivals = nodes.map(() => [] as Promise<void>[]);
      for (const { to, isForAll, chosen } of plan) {
        const piece = { table: want.table, first, count, chosen };
        const sent = this.#ship(
          piece,
          to.map((at) => nodes[at]!),
          isForAll,
        );
        for (const at of to) arrivals[at]!.push(sent);
      }
      for (const [at, node] of nodes.entries()) {
        if (arrivals[at]!.length > 0) node.held.add(want, choices[at]!, Promise.all(arrivals[at]!));
      }
    }
  }

  /** Resolves when a node has what it was sent of these; rejects with `NodeLostError`. */
  async arrived(node: Node, wants: readonly RowWant[]): Promise<void> {
    await node.orLost(node.held.arrived(wants));
  }

  /** Sends a piece to a node, and resolves when it has it or is lost. */
  sendPiece(piece: RowPiece, node: Node): Promise<void> {
    return this.#ship(piece, [node], false);
  }

  /** Counts a transfer by other means as under way. */
  follow(arriving: Promise<unknown>): Promise<unknown> {
    this.#underWay.add(arriving);
    return arriving.finally(() => this.#underWay.delete(arriving));
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #stretchOf({ table, block }: RowWant): { first: number; count: number } {
    const { job } = this.#settings;
    if (table.type === 'gram') return { first: 0, count: job.stride };
    const { blockStarts } = job[table.side];
    const first = blockStarts[block]!;
    return { first, count: blockStarts[block + 1]! - first };
  }

  /** Resolves when every node that is still there has all pieces. */
  async #ship(whole: RowPiece, to: readonly Node[], isForAll: boolean): Promise<void> {
    const rowBytes = rowBytesOf(this.#settings.job);
    const shipping = [];
    for (const piece of cutPiece(whole, rowBytes, this.#pieceBytes)) {
      const bytes = chosenCount(piece) * rowBytes + (piece.chosen?.length ?? 0);
      this.sentBytes += bytes * (isForAll ? this.#settings.nodes().length : to.length);
      const carrying = this.#carry(piece, bytes, to, isForAll);
      this.#underWay.add(carrying);
      shipping.push(carrying.finally(() => this.#underWay.delete(carrying)));
    }
    await Promise.all(shipping);
  }

  async #carry(
    piece: RowPiece,
    bytes: number,
    to: readonly Node[],
    isForAll: boolean,
  ): Promise<void> {
    const leaves = await Promise.all(
      to.map(async (node) => [node, await node.sending.enter(bytes)] as const),
    );
    const leave = new Map(leaves);
    const { id, job } = this.#settings;
    const subject = isForAll ? subjects.rowsForAll(id) : subjects.rows(id, to[0]!.hello.worker);
    const acks = new AckSet(this.#bus, to, (node) => leave.get(node)!());
    const keys = to.map(({ seal }) => pieceKey(seal, piece, acks.replyTo));
    const sealBytes = rowSealBytes(keys.length);
    let ackTimeoutMs = Math.max(...to.map(({ sending }) => sending.ackTimeoutMs));
    let attempt = 0;
    let timer: NodeJS.Timeout | undefined;
    const publish = (): void => {
      const room = (size: number) => this.#room.lend(size);
      const { layout, firstRow } = memoryOfRow(job, piece.table, piece.first);
      try {
        const frame = encodePiece(layout, piece, { room, sealBytes }, firstRow);
        this.#bus.publish(subject, sealRows(frame, keys), acks.replyTo);
      } catch (error) {
        this.#settings.giveUp(asError(error));
        return;
      }
      timer = setTimeout(again, ackTimeoutMs);
    };
    const again = (): void => {
      if (this.#bus.isConnected) attempt++;
      for (const node of acks.pending) {
        if (attempt < (node.hasTakenRows ? attempts : firstAttempts)) continue;
        this.#settings.dismiss(node, 'it takes no rows');
      }
      if (acks.pending.length === 0) return;
      ackTimeoutMs *= 2;
      publish();
    };
    if (acks.pending.length > 0) publish();
    await acks.settled;
    clearTimeout(timer);
  }
}
