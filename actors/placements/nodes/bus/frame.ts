import { crc32 } from 'node:zlib';
import { InvalidMessageError } from '../../../errors.js';

/*
 * A message with bytes behind it. JSON has no zero byte, so the first one ends it.
 *
 *     JSON   0   bytes   CRC-32 of all before it, little-endian
 */

const checksumBytes = 4;

/** Pieces of 1 to 2 MiB are fastest, and 1 MiB is what a server takes by default. */
const mostPieceBytes = 1024 * 1024;

/** What is said of the bytes is shorter. */
const mostHeadBytes = 4096;

/**
 * How many bytes go into a frame.
 *
 * @param mostBytes that a message may have
 */
export function pieceBytesOf(mostBytes: number): number {
  return Math.min(mostPieceBytes, mostBytes - mostHeadBytes);
}

/** A message, and the bytes that came with it. */
export interface Frame {
  /** JSON. */
  readonly message: Uint8Array;
  /** A view into what came. Empty if it was JSON alone. */
  readonly body: Uint8Array;
}

/**
 * Puts bytes behind a message.
 *
 * @param bytes how many
 * @param fill writes them
 * @param room for the frame
 */
export function encodeFrame(
  message: object,
  bytes: number,
  fill: (body: Uint8Array) => void,
  room: (bytes: number) => Uint8Array = (bytes) => new Uint8Array(bytes),
): Uint8Array {
  const head = new TextEncoder().encode(JSON.stringify(message));
  const frame = room(head.length + 1 + bytes + checksumBytes);
  const end = frame.length - checksumBytes;
  frame.set(head);
  frame[head.length] = 0;
  fill(frame.subarray(head.length + 1, end));
  new DataView(frame.buffer, frame.byteOffset).setUint32(end, crc32(frame.subarray(0, end)), true);
  return frame;
}

/** Takes a frame apart. Throws `InvalidMessageError` if it was damaged on its way. */
export function decodeFrame(payload: Uint8Array): Frame {
  const headEnd = payload.indexOf(0);
  if (headEnd < 0) return { message: payload, body: new Uint8Array() };
  const end = payload.length - checksumBytes;
  const { buffer, byteOffset } = payload;
  const isWhole =
    end > headEnd &&
    new DataView(buffer, byteOffset).getUint32(end, true) === crc32(payload.subarray(0, end));
  if (!isWhole) throw new InvalidMessageError(`${payload.length} damaged bytes`, 'a whole frame');
  return { message: payload.subarray(0, headEnd), body: payload.subarray(headEnd + 1, end) };
}
