import type { Node } from '../cluster/node.js';
import type { Bus } from '../transport/nats.js';
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
    members: readonly Node[],
    onSettled: (member: Node) => void,
  ) {
    const inbox = bus.openInbox((payload) => {
      const taker = acknowledgedBy(payload, members, inbox.subject);
      if (taker === undefined) return;
      taker.hasTakenRows = true;
      this.#settle(taker);
    });
    this.replyTo = inbox.subject;
    this.#closeInbox = () => inbox.close();
    this.#promises = new Map(
      members.map((member) => {
        const settled = new Promise<void>((resolve) => {
          const forget = member.onLost(() => this.#settle(member));
          this.#pending.set(member, () => {
            forget();
            onSettled(member);
            resolve();
          });
        });
        return [member, settled];
      }),
    );
    this.settled = Promise.all(this.#promises.values()).then(() => inbox.close());
    for (const member of members) if (member.isLost) this.#settle(member);
  }

  /** Nodes that have not acknowledged it and are not lost. */
  get pending(): readonly Node[] {
    return [...this.#pending.keys()];
  }

  /**
   * Resolves when a node has acknowledged it or is lost; at once for a node that is no receiver.
   */
  async settledBy(member: Node): Promise<void> {
    await this.#promises.get(member);
  }

  /** Stops waiting. */
  close(): void {
    for (const member of this.pending) this.#settle(member);
    this.#closeInbox();
  }

  #settle(member: Node): void {
    const settle = this.#pending.get(member);
    this.#pending.delete(member);
    settle?.();
  }
}
