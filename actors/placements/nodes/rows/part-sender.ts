import type { JobLayout } from '../../../../src/kernels/kernel.js';
import { NodeLostError } from '../../../errors.js';
import type { Node } from '../cluster/node.js';
import { type Part, partName, rangesOf } from '../protocol/parts.js';
import type { Objects } from '../transport/objects.js';

/** Attempts at a part that arrives damaged. */
const attempts = 3;

/** A part in the object store. */
interface StoredPart {
  readonly object: string;
  /** SHA-256 of its bytes, base64url. */
  readonly digest: string;
}

/** Called for a node that does not take a part, with the reason. */
export interface PartSenderListener {
  /** It is sent again. */
  readonly sendAgain: (node: Node, reason: string) => void;
  /** The node is to be lost; it may come back. */
  readonly giveUp: (node: Node, reason: string) => void;
  /** The node is to be lost for good: it can never take it. */
  readonly dismiss: (node: Node, reason: string) => void;
}

/** Sends parts of a job to its nodes: what every node gets is put into the object store once. */
export class PartSender {
  readonly #job: JobLayout;
  readonly #objects: Objects;
  readonly #nextNumber: () => number;
  readonly #onRefused: PartSenderListener;
  /** Parts that are objects now. */
  readonly #shared = new Map<string, Promise<StoredPart>>();

  /**
   * @param nextNumber a number that no other command of the job has
   */
  constructor(
    job: JobLayout,
    objects: Objects,
    nextNumber: () => number,
    onRefused: PartSenderListener,
  ) {
    this.#onRefused = onRefused;
    this.#job = job;
    this.#objects = objects;
    this.#nextNumber = nextNumber;
  }

  /**
   * Sends a node the parts that it lacks. Rejects with `NodeLostError`, or if the object store
   * fails.
   */
  async giveAll(node: Node, parts: readonly Part[]): Promise<void> {
    await Promise.all(parts.map((part) => node.give(part, () => this.#send(node, part))));
  }

  async #send(node: Node, part: Part): Promise<void> {
    if (part.type === 'ratings' && this.#job.source !== undefined) return this.#read(node, part);
    for (let attempt = 1; ; attempt++) {
      const number = this.#nextNumber();
      const { object, digest } = await this.#objectOf(part, number);
      const answer = await node.ask(number, { type: 'load', part, object, digest });
      // Ratings are large, and go to one node only.
      if (part.type === 'ratings') void this.#objects.remove(object);
      if (answer.type === 'loaded') return;
      this.#shared.delete(partName(part));
      const found = answer.type === 'unloaded' ? answer.reason : `found answer ${answer.type}`;
      const reason = `it does not take ${partName(part)}: ${found}`;
      if (attempt === attempts) {
        this.#onRefused.giveUp(node, reason);
        throw new NodeLostError(node.hello.name, reason);
      }
      this.#onRefused.sendAgain(node, reason);
    }
  }

  /** Lets a node read the ratings of a block. Trying again would not help. */
  async #read(node: Node, { side, block }: Extract<Part, { type: 'ratings' }>): Promise<void> {
    const answer = await node.ask(this.#nextNumber(), { type: 'read', side, block });
    if (answer.type === 'loaded') return;
    const reason = answer.type === 'unloaded' ? answer.reason : `found answer ${answer.type}`;
    this.#onRefused.dismiss(node, reason);
    throw new NodeLostError(node.hello.name, reason);
  }

  /** The object that a part is in. */
  async #objectOf(part: Part, number: number): Promise<StoredPart> {
    const { memory } = this.#job;
    const put = async (object: string): Promise<StoredPart> => {
      const digest = await this.#objects.put(object, memory.buffer, rangesOf(this.#job, part));
      return { object, digest };
    };
    const name = partName(part);
    if (part.type === 'ratings') {
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
