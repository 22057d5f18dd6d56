/** Bytes that are read in pieces, so that a reader does not need memory for all of them. */
export interface ByteSource {
  /** Bytes there are. */
  readonly size: number;
  /** Fills `into` with the bytes from `at` on. Throws if there are fewer. */
  read(at: number, into: Uint8Array): Promise<void>;
}

/** What is read at once. */
export const pieceBytes = 2 ** 24;

/** Fills all of a typed array with the bytes from `at` on, in pieces. */
export async function readInto(
  source: ByteSource,
  at: number,
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): Promise<void> {
  for (let done = 0; done < byteLength; done += pieceBytes) {
    const length = Math.min(pieceBytes, byteLength - done);
    await source.read(at + done, new Uint8Array(buffer, byteOffset + done, length));
  }
}

/** All bytes, in pieces. A piece is overwritten by the next one. */
export async function* pieces(source: ByteSource): AsyncGenerator<Uint8Array> {
  const room = new Uint8Array(Math.min(pieceBytes, source.size));
  for (let at = 0; at < source.size; at += room.length) {
    const piece = room.subarray(0, Math.min(room.length, source.size - at));
    await source.read(at, piece);
    yield piece;
  }
}

/** Bytes in memory as a source. */
export function bytesInMemory(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    async read(at, into) {
      if (at + into.length > bytes.length) throw new RangeError('found too few bytes');
      into.set(bytes.subarray(at, at + into.length));
    },
  };
}
