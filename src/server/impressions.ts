/** How much is remembered. */
const maxUsers = 100_000;
const maxItemsOfUser = 1_000;

/**
 * What users were shown a short while ago, in memory. The users that were shown something longest ago
 * are forgotten first, as are the oldest items of a user.
 */
export class Impressions {
  /** Item → Unix milliseconds until when it counts as seen, oldest first. */
  readonly #users = new Map<string, Map<string, number>>();

  get userCount(): number {
    return this.#users.size;
  }

  /** @param until Unix milliseconds */
  add(user: string, items: readonly string[], until: number): void {
    const shown = this.#users.get(user) ?? new Map<string, number>();
    this.#users.delete(user);
    this.#users.set(user, shown);
    for (const item of items) {
      shown.delete(item);
      shown.set(item, until);
    }
    trim(shown, maxItemsOfUser);
    trim(this.#users, maxUsers);
  }

  /** Items that count as seen by a user at `now`. */
  of(user: string, now: number): string[] {
    const shown = this.#users.get(user);
    if (shown === undefined) return [];
    for (const [item, until] of shown) if (until <= now) shown.delete(item);
    if (shown.size === 0) this.#users.delete(user);
    return [...shown.keys()];
  }
}

/** Keeps the newest entries. */
function trim(map: Map<string, unknown>, size: number): void {
  for (const key of map.keys()) {
    if (map.size <= size) return;
    map.delete(key);
  }
}
