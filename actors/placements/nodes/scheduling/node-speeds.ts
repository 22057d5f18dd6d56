/** What a node has done in a phase. */
export interface NodeWork {
  readonly node: string;
  readonly threads: number;
  /** Ratings and rows of the blocks that it solved, ≥ 0. */
  readonly work: number;
  /** From its first task to its last answer; 0 if it had no task. */
  readonly seconds: number;
}

/** A node's capacity stays as it is unless its measured speed is off by more than this factor. */
const tolerance = 1.5;

/** Phases in a row that a node must be off: one may be noise. */
const phasesOff = 2;

/** Shorter phases say nothing about speed. */
const minSeconds = 0.05;

/** Lower bound of a capacity, as a share of the node's threads: a slow node may recover. */
const minShare = 1 / 64;
const recovery = 1.25;

/**
 * Speeds of nodes, in threads: a node of capacity 3 does three times the work of one thread of the
 * usual speed. A node's capacity is its number of threads until two phases in a row measure another
 * one, because every change of capacities moves ratings. Rows do not depend on the node that solves
 * them, so measured speeds change no bit of the model.
 */
export class NodeSpeeds {
  readonly #capacities = new Map<string, number>();
  /** Phases in a row that a node was off. */
  readonly #off = new Map<string, number>();

  /** Capacity of a node in threads of the usual speed, > 0. */
  capacityOf(node: string, threads: number): number {
    return this.#capacities.get(node) ?? threads;
  }

  /** Learns from a phase. */
  learn(works: readonly NodeWork[]): void {
    const busy = works.filter(({ seconds }) => seconds > 0);
    if (busy.length < 2 || busy.every(({ seconds }) => seconds < minSeconds)) return;
    const speed = ({ work, seconds }: NodeWork) => work / seconds;
    const capacity = ({ node, threads }: NodeWork) => this.capacityOf(node, threads);
    const threadSpeed = sum(busy.map(speed)) / sum(busy.map(capacity));
    if (threadSpeed === 0) return;

    for (const each of busy) {
      const measured = Math.max(speed(each) / threadSpeed, each.threads * minShare);
      const ratio = measured / capacity(each);
      const isOff = ratio > tolerance || ratio < 1 / tolerance;
      const off = isOff ? (this.#off.get(each.node) ?? 0) + 1 : 0;
      this.#off.set(each.node, off);
      if (off >= phasesOff) this.#capacities.set(each.node, measured);
    }
    // A node without tasks could never show that it is faster now.
    for (const each of works) {
      if (each.seconds > 0 || capacity(each) >= each.threads) continue;
      this.#capacities.set(each.node, Math.min(each.threads, capacity(each) * recovery));
    }
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
