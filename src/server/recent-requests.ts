import type { RecentRequest } from './generations.js';

/** How many are remembered. */
const size = 64;

/** The latest requests for lists of users, to warm the next model with. */
export class RecentRequests {
  readonly #ring: RecentRequest[] = [];
  #next = 0;

  add(request: RecentRequest): void {
    this.#ring[this.#next] = request;
    this.#next = (this.#next + 1) % size;
  }

  all(): readonly RecentRequest[] {
    return [...this.#ring];
  }
}
