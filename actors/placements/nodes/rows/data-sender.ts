import type { RatedJob } from '../../../../src/kernels/job-layout.js';
import { isParted, layoutsOfSide } from '../../../../src/kernels/parts/parted-layout.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { NodeLostError } from '../../../errors.js';
import type { Node } from '../cluster/node.js';
import { dataName, type JobData, rangesOf, rangesOfRatings } from '../protocol/job-data.js';
import type { SupervisedJob } from '../protocol/supervised-job.js';
import type { NodeRooms } from '../scheduling/node-rooms.js';
import type { Objects } from '../transport/objects.js';
import type { Range } from '../transport/ranges.js';

/** Attempts at data that arrive damaged. */
const attempts = 3;

/** Data in the object store. */
interface StoredData {
  readonly object: string;
  /** SHA-256 of its bytes, base64url. */
  readonly digest: string;
}

/** Called for a node that does not take data, with the reason; or for one that has read some. */
export interface PartSenderListener {
  /**
   * Takes in which rows a block needs whose ratings a node has read; `needed` is empty if that is to be
   * fetched.
   */
  readonly learn: (
    node: Node,
    number: number,
    data: { readonly side: Side; readonly block: number },
    needed: Uint8Array,
  ) => Promise<void>;
  /** It is sent again. */
  readonly sendAgain: (node: Node, reason: string) => void;
  /** The node is to be lost; it may come back. */
  readonly giveUp: (node: Node, reason: string) => void;
  /** The node is to be lost for good: it can never take it. */
  readonly dismiss: (node: Node, reason: string) => void;
}

/** Sends the data of a job to its nodes: what every node gets is put into the object store once. */
export class DataSender {
  readonly #job: SupervisedJob;
  readonly #objects: Objects;
  readonly #nextNumber: () => number;
  readonly #cut: NodeRooms['cut'];
  readonly #listener: PartSenderListener;
  /** Data that are objects now, by name. */
  readonly #shared = new Map<string, Promise<StoredData>>();

  /**
   * @param nextNumber a number that no other command of the job has
   * @param cut which blocks that come to a node together become a part
   */
  constructor(
    job: SupervisedJob,
    objects: Objects,
    nextNumber: () => number,
    cut: NodeRooms['cut'],
    listener: PartSenderListener,
  ) {
    this.#cut = cut;
    this.#listener = listener;
    this.#job = job;
    this.#objects = objects;
    this.#nextNumber = nextNumber;
  }

  /**
   * Sends a node the data that it lacks. Rejects with `NodeLostError`, or if the object store
   * fails.
   */
  async giveAll(node: Node, wanted: readonly JobData[]): Promise<void> {
    await Promise.all(wanted.map((data) => node.give(data, () => this.#send(node, data))));
  }

  /**
   * Sends a node that is `inParts` those of some blocks of a side that it lacks, as few parts. Resolves
   * when it has all of them; rejects with `NodeLostError`.
   */
  async giveParts(node: Node, side: Side, blocks: readonly number[]): Promise<void> {
    const partsOf = (block: number) =>
      node.parts.filter((part) => part.side === side && part.blocks.includes(block));
    const lacking = blocks.filter((block) => partsOf(block).length === 0);
    for (const { blocks } of this.#cut(node, side, lacking)) {
      const coming = this.#sendPart(node, side, blocks);
      coming.catch(() => {});
      node.parts.push({ side, blocks, coming });
    }
    await Promise.all(blocks.flatMap(partsOf).map(({ coming }) => coming));
  }

  async #sendPart(node: Node, side: Side, blocks: readonly number[]): Promise<void> {
    const answer = await node.ask(this.#nextNumber(), { type: 'hold', side, blocks });
    if (answer.type !== 'loaded') {
      const reason = answer.type === 'unloaded' ? answer.reason : `found answer ${answer.type}`;
      this.#listener.dismiss(node, reason);
      throw new NodeLostError(node.hello.name, reason);
    }
    await this.giveAll(
      node,
      blocks.map((block) => ({ type: 'ratings', side, block })),
    );
    // Rows that came before are not in this part.
    node.held.forgetAll();
  }

  async #send(node: Node, data: JobData): Promise<void> {
    if (data.type === 'ratings' && this.#job.source !== undefined) return this.#read(node, data);
    for (let attempt = 1; ; attempt++) {
      const number = this.#nextNumber();
      const { object, digest } = await this.#objectOf(data, number);
      const answer = await node.ask(number, { type: 'load', data, object, digest });
      // Ratings are large, and go to one node only.
      if (data.type === 'ratings') void this.#objects.remove(object);
      if (answer.type === 'loaded') return;
      this.#shared.delete(dataName(data));
      const found = answer.type === 'unloaded' ? answer.reason : `found answer ${answer.type}`;
      const reason = `it does not take ${dataName(data)}: ${found}`;
      if (attempt === attempts) {
        this.#listener.giveUp(node, reason);
        throw new NodeLostError(node.hello.name, reason);
      }
      this.#listener.sendAgain(node, reason);
    }
  }

  /** Lets a node read the ratings of a block. Trying again would not help. */
  async #read(node: Node, { side, block }: Extract<JobData, { type: 'ratings' }>): Promise<void> {
    const number = this.#nextNumber();
    const answer = await node.ask(number, { type: 'read', side, block });
    if (answer.type === 'read') {
      return this.#listener.learn(node, number, { side, block }, answer.needed);
    }
    const reason = answer.type === 'unloaded' ? answer.reason : `found answer ${answer.type}`;
    this.#listener.dismiss(node, reason);
    throw new NodeLostError(node.hello.name, reason);
  }

  /** The object that holds the data. */
  async #objectOf(data: JobData, number: number): Promise<StoredData> {
    const put = async (object: string): Promise<StoredData> => {
      const { memory, ranges } = placeOf(this.#job, data);
      const digest = await this.#objects.put(object, memory, ranges);
      return { object, digest };
    };
    const name = dataName(data);
    if (data.type === 'ratings') {
      return put(`${name}.${number}`);
    }
    let putting = this.#shared.get(name);
    if (putting === undefined) {
      putting = put(name);
      this.#shared.set(name, putting);
      // It can be tried again.
      putting.catch(() => this.#shared.delete(name));
    }
    return putting;
  }
}

/** Where data lie in this process. */
function placeOf(
  job: SupervisedJob,
  data: JobData,
): { readonly memory: SharedArrayBuffer; readonly ranges: readonly Range[] } {
  if (!isParted(job)) return { memory: job.memory.buffer, ranges: rangesOf(job, data) };
  const { rated } = job;
  if (data.type === 'ratings') {
    const ranges = rangesOfRatings(rated, data.side, data.block);
    return { memory: rated.memory.buffer, ranges };
  }
  // The rows' λ lie with the rows.
  const stretches = [
    ...lengthsOf(rated, data.side),
    ...layoutsOfSide(job, data.side).map((part) => {
      const { regularizers, rowCount } = part[data.side];
      return new Uint8Array(part.memory.buffer, regularizers, rowCount * part.elementBytes);
    }),
  ];
  const bytes = stretches.reduce((sum, { length }) => sum + length, 0);
  const copy = new Uint8Array(new SharedArrayBuffer(bytes));
  let at = 0;
  for (const stretch of stretches) {
    copy.set(stretch, at);
    at += stretch.length;
  }
  return { memory: copy.buffer, ranges: [{ offset: 0, bytes }] };
}

/** The offsets of the rows' ratings, and of those withheld. */
function lengthsOf({ memory, ...job }: RatedJob, side: Side): Uint8Array[] {
  const { rowCount, ratings, heldOut } = job[side];
  const all = heldOut ? [ratings, heldOut] : [ratings];
  return all.map(({ offsets }) => new Uint8Array(memory.buffer, offsets, (rowCount + 1) * 4));
}
