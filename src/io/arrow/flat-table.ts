/**
 * A table of a flatbuffer, read with checked bounds: `flatbuffers` itself trusts every length and
 * offset, so one changed byte can make its readers loop for minutes. Fields are named by their
 * place in the schema, from 0.
 *
 * Reading outside the bytes throws `RangeError`.
 */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;

  private constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
  }

  /** The table that a flatbuffer is about. */
  static root({ buffer, byteOffset, byteLength }: Uint8Array): FlatTable {
    const view = new DataView(buffer, byteOffset, byteLength);
    return new FlatTable(view, view.getUint32(0, true));
  }

  uint8(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : this.#view.getUint8(at);
  }

  int16(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : this.#view.getInt16(at, true);
  }

  int32(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : this.#view.getInt32(at, true);
  }

  /** A length or a position. Throws `RangeError` if it is negative or beyond 2⁵³. */
  size(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : this.#sizeAt(at);
  }

  has(field: number): boolean {
    return this.#find(field) !== undefined;
  }

  table(field: number): FlatTable | undefined {
    const at = this.#find(field);
    return at === undefined ? undefined : this.#follow(at);
  }

  text(field: number): string {
    const at = this.#find(field);
    if (at === undefined) return '';
    const { start, length } = this.#vector(at, 1);
    const { buffer, byteOffset } = this.#view;
    return Buffer.from(buffer, byteOffset + start, length).toString('utf8');
  }

  tables(field: number): FlatTable[] {
    const at = this.#find(field);
    if (at === undefined) return [];
    const { start, length } = this.#vector(at, 4);
    return Array.from({ length }, (_, entry) => this.#follow(start + 4 * entry));
  }

  /**
   * A vector of structs, of each the integers at these byte offsets.
   *
   * @param structBytes size of one
   * @param offsets of its 64-bit integers; `int32At` of a 32-bit one
   */
  structs(
    field: number,
    structBytes: number,
    offsets: readonly number[],
    int32At?: number,
  ): number[][] {
    const at = this.#find(field);
    if (at === undefined) return [];
    const { start, length } = this.#vector(at, structBytes);
    return Array.from({ length }, (_, entry) => {
      const from = start + structBytes * entry;
      const sizes = offsets.map((offset) => this.#sizeAt(from + offset));
      if (int32At !== undefined) sizes.push(this.#view.getInt32(from + int32At, true));
      return sizes;
    });
  }

  /** Where a field lies; undefined if the table has none. */
  #find(field: number): number | undefined {
    const vtable = this.#at - this.#view.getInt32(this.#at, true);
    const slot = 4 + 2 * field;
    if (slot >= this.#view.getUint16(vtable, true)) return undefined;
    const offset = this.#view.getUint16(vtable + slot, true);
    return offset === 0 ? undefined : this.#at + offset;
  }

  #follow(at: number): FlatTable {
    return new FlatTable(this.#view, at + this.#view.getUint32(at, true));
  }

  #vector(at: number, elementBytes: number): { start: number; length: number } {
    const head = at + this.#view.getUint32(at, true);
    const length = this.#view.getUint32(head, true);
    const start = head + 4;
    if (start + length * elementBytes > this.#view.byteLength) {
      throw new RangeError(`found a list of ${length} elements, which end outside the metadata`);
    }
    return { start, length };
  }

  #sizeAt(at: number): number {
    const size = Number(this.#view.getBigInt64(at, true));
    if (Number.isSafeInteger(size) && size >= 0) return size;
    throw new RangeError(`found ${size} in the metadata; expected a length or a position`);
  }
}
