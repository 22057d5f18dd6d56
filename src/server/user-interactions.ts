/** One interaction as it is kept: ids as text, so that it outlives models. */
export interface StoredInteraction {
  readonly user: string;
  readonly item: string;
  readonly rating: number;
  /** When it arrived, Unix milliseconds. */
  readonly at: number;
}

/** What one user did. */
export interface OwnInteractions {
  /** Grows with every change, so that what was made from it can be recognized as stale. */
  version: number;
  readonly items: Map<string, { rating: number; at: number }>;
}

/** Interactions by user. A later one with an item replaces the one before. */
export class UserInteractions {
  readonly #users = new Map<string, OwnInteractions>();

  /** How many users have some. */
  get userCount(): number {
    return this.#users.size;
  }

  /** Adding one twice, or out of order, changes nothing. */
  add({ user, item, rating, at }: StoredInteraction): void {
    let own = this.#users.get(user);
    if (own === undefined) {
      own = { version: 0, items: new Map() };
      this.#users.set(user, own);
    }
    const before = own.items.get(item);
    if (before !== undefined && before.at > at) return;
    own.items.set(item, { rating, at });
    own.version++;
  }

  of(user: string): OwnInteractions | undefined {
    return this.#users.get(user);
  }

  users(): IterableIterator<[string, OwnInteractions]> {
    return this.#users.entries();
  }

  /** All of them, in no order. */
  *all(): Generator<StoredInteraction> {
    for (const [user, { items }] of this.#users) {
      for (const [item, { rating, at }] of items) yield { user, item, rating, at };
    }
  }

  forget(user: string): void {
    this.#users.delete(user);
  }
}
