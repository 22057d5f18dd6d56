/*
 * A message with bytes behind it. JSON has no zero byte, so the first one ends it. Its seal shows
 * whether it came as it was sent (`seal.ts`, `row-seal.ts`).
 *
 *     JSON   0   bytes   room for the seal
 */

/** Pieces of 1 to 2 MiB are fastest, and 1 MiB is what a server takes by default. */
const maxPieceBytes = 1024 * 1024;

/**
 * Limit of the JSON and the seals, of which there may be one for each of 256 nodes with a block.
 */
const maxHeadBytes = 8192;

/**
 * How many bytes go into a frame.
 *
 * @param maxBytes that a message may have
 */
export function pieceBytesOf(maxBytes: number): number {
  return Math.min(maxPieceBytes, maxBytes - maxHeadBytes);
}

/** A message, and the bytes that came with it. */
export interface Frame {
  /** JSON. */
  readonly message: Uint8Array;
  /** A view into what came. Empty if it was JSON alone. */
  readonly body: Uint8Array;
}

/** Where a frame is put. */
export interface FrameSpace {
  /** Gives room for it; default new memory. */
  readonly room?: (bytes: number) => Uint8Array;
  /** Bytes that are kept free behind it; default 0. */
  readonly sealBytes?: number;
}

/**
 * Puts bytes behind a message.
 *
 * @param bytes how many
 * @param fill writes them
 */
export function encodeFrame(
  message: object,
  bytes: number,
  fill: (body: Uint8Array) => void,
  { room = (size) => new Uint8Array(size), sealBytes = 0 }: FrameSpace = {},
): Uint8Array {
  const head = new TextEncoder().encode(JSON.stringify(message));
  const frame = room(head.length + 1 + bytes + sealBytes);
  frame.set(head);
  frame[head.length] = 0;
  fill(frame.subarray(head.length + 1, frame.length - sealBytes));
  return frame;
}

/** Splits a frame whose seal has been removed. */
export function decodeFrame(payload: Uint8Array): Frame {
  const headEnd = payload.indexOf(0);
  if (headEnd < 0) return { message: payload, body: new Uint8Array() };
  return { message: payload.subarray(0, headEnd), body: payload.subarray(headEnd + 1) };
}
