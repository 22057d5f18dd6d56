/** A node that takes blocks, and how much it can do at a time. */
export interface NodeCapacity {
  readonly node: string;
  /** In threads of usual speed, > 0. */
  readonly capacity: number;
}

/**
 * How busy nodes are. Finds the one that is least busy, or busiest, in the logarithm of their number:
 * nodes of one capacity form a tournament, and there are few capacities. Of equals the first wins.
 */
export class NodeLoads {
  readonly #nodes: readonly NodeCapacity[];
  readonly #loads: Float64Array;
  readonly #places = new Map<string, { readonly at: number; readonly tree: Tournament }>();
  readonly #trees: readonly Tournament[];

  constructor(nodes: readonly NodeCapacity[]) {
    this.#nodes = nodes;
    this.#loads = new Float64Array(nodes.length);
    const equals = new Map<number, number[]>();
    for (const [at, { capacity }] of nodes.entries()) {
      const own = equals.get(capacity);
      if (own === undefined) equals.set(capacity, [at]);
      else own.push(at);
    }
    this.#trees = [...equals.values()].map((members) => new Tournament(members, this.#loads));
    for (const tree of this.#trees) {
      for (const at of tree.members) this.#places.set(nodes[at]!.node, { at, tree });
    }
  }

  has(node: string): boolean {
    return this.#places.has(node);
  }

  /** Gives a node more work, or takes it away. */
  add(node: string, work: number): void {
    const { at, tree } = this.#places.get(node)!;
    this.#loads[at]! += work;
    tree.update(at);
  }

  /** Load of a node for each unit of its capacity, with so much more work. */
  perThread(node: string, more = 0): number {
    return this.#perThread(this.#places.get(node)!.at, more);
  }

  /** The node that is least busy with so much more work. */
  leastBusy(work: number): string {
    const least = this.#trees.map((tree) => tree.least);
    return this.#nodes[best(least, (at) => -this.#perThread(at, work))]!.node;
  }

  busiest(): string {
    const most = this.#trees.map((tree) => tree.most);
    return this.#nodes[best(most, (at) => this.#perThread(at))]!.node;
  }

  #perThread(at: number, more = 0): number {
    return (this.#loads[at]! + more) / this.#nodes[at]!.capacity;
  }
}

/** The highest place, the first of equals. */
function best(places: readonly number[], heightOf: (at: number) => number): number {
  return places.reduce((most, at) => {
    const difference = heightOf(at) - heightOf(most);
    return difference > 0 || (difference === 0 && at < most) ? at : most;
  });
}

/** The members with the least and the largest load, kept in a tree: half of the places are leaves. */
class Tournament {
  readonly members: readonly number[];
  readonly #loads: Float64Array;
  readonly #size: number;
  readonly #leafOf = new Map<number, number>();
  readonly #least: Int32Array;
  readonly #most: Int32Array;

  /** @param members places in `loads`, ascending, at least one */
  constructor(members: readonly number[], loads: Float64Array) {
    this.members = members;
    this.#loads = loads;
    this.#size = members.length;
    this.#least = new Int32Array(2 * this.#size);
    for (const [n, at] of members.entries()) {
      this.#leafOf.set(at, this.#size + n);
      this.#least[this.#size + n] = at;
    }
    this.#most = this.#least.slice();
    for (let parent = this.#size - 1; parent > 0; parent--) this.#play(parent);
  }

  get least(): number {
    return this.#least[1] ?? this.members[0]!;
  }

  get most(): number {
    return this.#most[1] ?? this.members[0]!;
  }

  /** The load of a member has changed. */
  update(at: number): void {
    for (let parent = this.#leafOf.get(at)! >> 1; parent > 0; parent >>= 1) this.#play(parent);
  }

  #play(parent: number): void {
    const [left, right] = [2 * parent, 2 * parent + 1];
    const load = (at: number) => this.#loads[at]!;
    this.#least[parent] = best([this.#least[left]!, this.#least[right]!], (at) => -load(at));
    this.#most[parent] = best([this.#most[left]!, this.#most[right]!], load);
  }
}
