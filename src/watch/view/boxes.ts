/** Boxes of one lane in the order of their start; they do not overlap, but for errors of clocks. */
export class Boxes {
  #count = 0;
  #starts = new Float64Array(256);
  #ends = new Float64Array(256);
  /** The number of its phase, and its block. */
  #phases = new Uint32Array(256);
  #blocks = new Uint32Array(256);
  /** Time of all boxes together, seconds. */
  busySeconds = 0;

  get count(): number {
    return this.#count;
  }

  /** Seconds from the start of the log. */
  start(box: number): number {
    return this.#starts[box]!;
  }

  end(box: number): number {
    return this.#ends[box]!;
  }

  phase(box: number): number {
    return this.#phases[box]!;
  }

  block(box: number): number {
    return this.#blocks[box]!;
  }

  push(start: number, end: number, phase: number, block: number): void {
    if (this.#count === this.#starts.length) this.#grow();
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#phases[this.#count] = phase;
    this.#blocks[this.#count++] = block;
    this.busySeconds += end - start;
  }

  /** The first box that ends after a time; `count` if none does. */
  after(time: number): number {
    let [from, end] = [0, this.#count];
    while (from < end) {
      const middle = (from + end) >> 1;
      if (this.#ends[middle]! > time) end = middle;
      else from = middle + 1;
    }
    return from;
  }

  /** Time that boxes take of a span, seconds. */
  busyIn(from: number, to: number): number {
    let busy = 0;
    for (let box = this.after(from); box < this.#count && this.#starts[box]! < to; box++) {
      busy += Math.min(to, this.#ends[box]!) - Math.max(from, this.#starts[box]!);
    }
    return busy;
  }

  #grow(): void {
    const grown = <Each extends Float64Array | Uint32Array>(of: Each, into: Each): Each => {
      into.set(of);
      return into;
    };
    const length = 2 * this.#count;
    this.#starts = grown(this.#starts, new Float64Array(length));
    this.#ends = grown(this.#ends, new Float64Array(length));
    this.#phases = grown(this.#phases, new Uint32Array(length));
    this.#blocks = grown(this.#blocks, new Uint32Array(length));
  }
}
