import type { Side } from '../../../../src/ratings/ratings.js';

/**
 * Which Gram matrix a node has. All share one place in its memory, and one that comes late, or
 * again, must not overwrite its successor.
 */
export class NewestGram {
  readonly #past = new Set<string>();
  #newest: string | undefined;

  /**
   * Whether a Gram matrix is the one that is there, or a successor, which counts as there from now
   * on.
   */
  isNewest(side: Side, generation: number): boolean {
    const name = `${side}.${generation}`;
    if (name === this.#newest) return true;
    if (this.#past.has(name)) return false;
    if (this.#newest !== undefined) this.#past.add(this.#newest);
    this.#newest = name;
    return true;
  }
}
