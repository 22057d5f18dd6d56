import type { Node } from '../cluster/node.js';
import type { Bus } from '../transport/bus.js';
import { acknowledgedBy } from './acknowledgement.js';

/** Acknowledgements of one piece by its receivers. A lost node counts as settled. */
export class AckSet {
  /** Where nodes acknowledge the piece. */
  readonly replyTo: string;
  /** Resolves when every node has acknowledged it or is lost, or the set is closed. */
  readonly settled: Promise<void>;
  readonly #pending = new Map<Node, () => void>();
  readonly #promises: ReadonlyMap<Node, Promise<void>>;
  readonly #closeInbox: () => void;

  /** @param onSettled called once for every node, when it is settled */
  constructor(
    bus: Pick<Bus, 'openInbox'>,
    nodes: readonly Node[],
    onSettled: (node: Node) => void,
  ) {
    const inbox = bus.openInbox((payload) => {
      const taker = acknowledgedBy(payload, nodes, inbox.subject);
      if (taker === undefined) return;
      taker.hasTakenRows = true;
      this.#settle(taker);
    });
    this.replyTo = inbox.subject;
    this.#closeInbox = () => inbox.close();
    this.#promises = new Map(
      nodes.map((node) => {
        const settled = new Promise<void>((resolve) => {
          const forget = node.onLost(() => this.#settle(node));
          this.#pending.set(node, () => {
            forget();
            onSettled(node);
            resolve();
          });
        });
        return [node, settled];
      }),
    );
    this.settled = Promise.all(this.#promises.values()).then(() => inbox.close());
    for (const node of nodes) if (node.isLost) this.#settle(node);
  }

  /** Nodes that have not acknowledged it and are not lost. */
  get pending(): readonly Node[] {
    return [...this.#pending.keys()];
  }

  /**
   * Resolves when a node has acknowledged it or is lost; at once for a node that is no receiver.
   */
  async settledBy(node: Node): Promise<void> {
    await this.#promises.get(node);
  }

  /** Stops waiting. */
  close(): void {
    for (const node of this.pending) this.#settle(node);
    this.#closeInbox();
  }

  #settle(node: Node): void {
    const settle = this.#pending.get(node);
    this.#pending.delete(node);
    settle?.();
  }
}
