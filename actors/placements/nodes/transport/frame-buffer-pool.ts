/** Free buffers that are kept. */
const maxFreeBuffers = 4;

/**
 * Memory for frames that are published at once. A connection copies what it is given before the turn
 * of the event loop is over, so the same memory serves the next frame: buffers of a megabyte that
 * come and go by the hundred keep the garbage collector busier than all else that a node does.
 */
export class FrameBufferPool {
  readonly #free: Uint8Array[] = [];
  #largest = 0;

  /** Memory for a frame, not cleared, until this turn of the event loop is over. */
  lend(bytes: number): Uint8Array {
    if (bytes > this.#largest) {
      this.#largest = bytes;
      this.#free.length = 0;
    }
    const room = this.#free.pop() ?? new Uint8Array(this.#largest);
    setImmediate(() => {
      if (room.length === this.#largest && this.#free.length < maxFreeBuffers)
        this.#free.push(room);
    });
    return room.subarray(0, bytes);
  }
}
