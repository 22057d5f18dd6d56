import type { LayoutDraft } from '../../../../src/kernels/lay-out-job.js';
import { opposite, type Side } from '../../../../src/ratings/ratings.js';
import { InvalidMessageError } from '../../../errors.js';
import { dataName } from '../protocol/job-data.js';
import type { Fetch } from '../protocol/messages.js';
import { tagBytes } from '../seal/seal.js';
import { encodeFrame } from '../transport/frame.js';

/** An answer carries so many bytes of bits, because it may be repeated; more are fetched. */
const smallBytes = 8 * 1024;

/**
 * Which rows of the other side blocks need whose ratings were read here: a bit for each row, lowest
 * first. They are kept until a block's first task comes: the supervisor knows them by then.
 */
export class NeededRows {
  /** By number of the command that read the ratings. */
  readonly #read = new Map<number, { readonly name: string; readonly bits: Uint8Array }>();

  /**
   * Notes what a block needs whose ratings are in a layout, with columns of the whole job.
   *
   * @returns the bits; nothing if they are to be fetched
   */
  add(number: number, job: LayoutDraft, side: Side, block: number): Uint8Array {
    const bits = bitsNeeded(job, side, block);
    if (bits.length <= smallBytes) return bits;
    this.#read.set(number, { name: nameOf(side, block), bits });
    return new Uint8Array();
  }

  /**
   * Some of the bits, with room for a seal; undefined if none have this number. Throws
   * `InvalidMessageError`.
   */
  fetch({ number, at, bytes }: Fetch): Uint8Array | undefined {
    const found = this.#read.get(number);
    if (found === undefined) return undefined;
    const { bits } = found;
    if (at + bytes > bits.length) {
      throw new InvalidMessageError(`bytes ${at} to ${at + bytes} of bits`, `${bits.length} bytes`);
    }
    const fill = (body: Uint8Array) => body.set(bits.subarray(at, at + bytes));
    return encodeFrame({ number, at }, bytes, fill, { sealBytes: tagBytes });
  }

  /** Forgets the bits of a block. */
  forget(side: Side, block: number): void {
    for (const [number, { name }] of this.#read) {
      if (name === nameOf(side, block)) this.#read.delete(number);
    }
  }
}

/** By row of the other side: a bit, lowest first, whether the ratings of a block need it. */
export function bitsNeeded(job: LayoutDraft, side: Side, block: number): Uint8Array {
  const { blockStarts, ratings, rowCount } = job[side];
  const { buffer } = job.memory;
  const offsets = new Uint32Array(buffer, ratings.offsets, rowCount + 1);
  const [first, end] = [offsets[blockStarts[block]!]!, offsets[blockStarts[block + 1]!]!];
  const bits = new Uint8Array(Math.ceil(job[opposite(side)].rowCount / 8));
  for (const column of new Uint32Array(buffer, ratings.columns + first * 4, end - first)) {
    bits[column >> 3]! |= 1 << (column & 7);
  }
  return bits;
}

function nameOf(side: Side, block: number): string {
  return dataName({ type: 'ratings', side, block });
}
