import { createHash, createHmac } from 'node:crypto';
import { InvalidMessageError } from '../../../errors.js';
import { isSameTag, type Seal, tagBytes } from '../seal/seal.js';
import type { RowPiece } from './row-piece.js';

/*
 * Rows go to several nodes at once, and nodes publish the rows that they have solved. So a piece
 * has a tag for each receiver. The tag's key is derived from the receiver's seal, for this piece
 * and this receiver alone. The supervisor gives these keys to the node that publishes the piece:
 * with them it can seal these rows, and no others.
 *
 *     frame   a tag for each receiver   number of tags, 16 bits, little-endian
 */

const countBytes = 2;
const keyBytes = 32;

/** The key of a piece for one receiver, and a subject where it is acknowledged. */
export function pieceKey(seal: Seal, piece: RowPiece, replyTo: string): Uint8Array {
  const { table, first, count, chosen } = piece;
  const { type, side, generation } = table;
  const which = chosen === undefined ? 'all' : 'chosen';
  return seal.derive(`rows ${type} ${side} ${generation} ${first} ${count} ${which} ${replyTo}`);
}

/** Bytes that the tags of so many receivers take behind a frame. */
export function rowSealBytes(receivers: number): number {
  return receivers * tagBytes + countBytes;
}

/** Seals a frame that has room for the tags behind it, and returns it with the tags. */
export function sealRows(frame: Uint8Array, keys: readonly Uint8Array[]): Uint8Array {
  const end = frame.length - rowSealBytes(keys.length);
  const digest = digestOf(frame.subarray(0, end));
  for (const [at, key] of keys.entries()) frame.set(tagOf(key, digest), end + at * tagBytes);
  new DataView(frame.buffer, frame.byteOffset).setUint16(
    frame.length - countBytes,
    keys.length,
    true,
  );
  return frame;
}

/** Rows as they came. */
export interface SealedRows {
  /** A view into what came. */
  readonly frame: Uint8Array;
  /** Throws `InvalidMessageError` if there is no tag under this key. */
  expectFor(key: Uint8Array): void;
}

/** Splits sealed rows. Throws `InvalidMessageError` if the payload is too short. */
export function openRows(payload: Uint8Array): SealedRows {
  const { buffer, byteOffset, length } = payload;
  const count =
    length < countBytes
      ? Number.NaN
      : new DataView(buffer, byteOffset, length).getUint16(length - countBytes, true);
  const end = length - rowSealBytes(count);
  if (!(end >= 0)) throw new InvalidMessageError(`${length} bytes`, 'rows with their tags');
  const frame = payload.subarray(0, end);
  return {
    frame,
    expectFor(key) {
      const expected = tagOf(key, digestOf(frame));
      for (let at = 0; at < count; at++) {
        const start = end + at * tagBytes;
        if (isSameTag(payload.subarray(start, start + tagBytes), expected)) return;
      }
      throw new InvalidMessageError(
        `${length} bytes of rows`,
        'some that are sealed for this node',
      );
    },
  };
}

/** Joins keys, to be encrypted in a message. */
export function joinKeys(keys: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(keys);
}

/** Splits joined keys. Throws `InvalidMessageError`. */
export function splitKeys(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length % keyBytes !== 0) {
    throw new InvalidMessageError(`${bytes.length} bytes of keys`, `a multiple of ${keyBytes}`);
  }
  return Array.from({ length: bytes.length / keyBytes }, (_, at) =>
    bytes.subarray(at * keyBytes, (at + 1) * keyBytes),
  );
}

function digestOf(frame: Uint8Array): Uint8Array {
  return createHash('sha256').update(frame).digest();
}

function tagOf(key: Uint8Array, digest: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(digest).digest().subarray(0, tagBytes);
}
