/** Words of a record. */
export const recordWords = 4;

/** Work for a shader, one record an item in the order of rows, and which of it belongs to a block. */
export class RecordList {
  #words = new Uint32Array(64 * recordWords);
  #length = 0;
  readonly #starts: number[] = [];

  get length(): number {
    return this.#length;
  }

  /** What is pushed from now on belongs to the block that follows. */
  beginBlock(): void {
    this.#starts.push(this.#length);
  }

  push(...record: readonly [number, number, number, number]): void {
    const at = this.#length * recordWords;
    if (at === this.#words.length) {
      const longer = new Uint32Array(this.#words.length * 2);
      longer.set(this.#words);
      this.#words = longer;
    }
    this.#words.set(record, at);
    this.#length++;
  }

  /** First record of a block or of a later one. */
  startOf(block: number): number {
    return this.#starts[block] ?? this.#length;
  }

  /** Word `word` of a record. */
  word(record: number, word: number): number {
    return this.#words[record * recordWords + word]!;
  }

  /** All records, as the shaders read them. */
  get words(): Uint32Array {
    return this.#words.subarray(0, this.#length * recordWords);
  }
}
