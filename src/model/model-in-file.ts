import type { DescribedRatings } from '../ratings/described-ratings.js';
import type { Id } from '../ratings/id-vocabulary.js';
import type { Ratings, Side } from '../ratings/ratings.js';
import { biasCoordinate } from '../training/biased-rows.js';
import type { Elements } from '../training/elements.js';
import { bytesOf, type LayoutInFile, newElements, offsetOf } from '../training/factor-spans.js';
import { type ModelSettings, modelSettings } from './model-settings.js';
import { storedSeen } from './seen-ratings.js';
import type { StorableModel } from './store/write-model.js';
import { unpadRow } from './unpad-rows.js';

/** Rows with no more than these bytes between them are read together, and so are at most so many. */
const gapBytes = 2 ** 14;
const windowBytes = 2 ** 20;

/** A job whose rows lie in a file, and what its model has besides. */
export interface JobInFile {
  readonly layout: LayoutInFile;
  readonly generation: number;
  /** Latent dimensions; the coordinates of biases are not among them. */
  readonly rank: number;
  readonly biases: boolean;
  readonly ratings: Ratings | DescribedRatings;
  readonly settings: ModelSettings;
  readonly titles: ReadonlyMap<Id, string> | undefined;
}

/**
 * A model to be written whose rows are read while they are written: what `createModel` makes of them,
 * without memory for all of them. The file must stay, and the generation in it.
 */
export function modelInFile({
  layout,
  generation,
  rank,
  biases,
  ratings,
  settings,
  titles = new Map(),
}: JobInFile): StorableModel {
  const [user, item] = (['user', 'item'] as const).map((side) => {
    const { positions } = side === 'user' ? ratings.users : ratings.items;
    const rows = new RowsByPosition(layout, side, generation, positions);
    const bias = biases ? rows.columns(biasCoordinate(side, rank), 1) : undefined;
    return { factors: rows.columns(0, rank), bias };
  });
  return {
    rank,
    ...{ userFactors: user!.factors, itemFactors: item!.factors },
    ...{ userBiases: user!.bias, itemBiases: item!.bias },
    globalMean: layout.weighting.offset,
    idsOf: (side) => (side === 'user' ? ratings.users : ratings.items).ids,
    titles,
    settings: modelSettings(settings),
    hasSeen: true,
    storedSeen: storedSeen(ratings),
  };
}

/** Rows of a side in a file, in the order of positions. */
class RowsByPosition {
  readonly #layout: LayoutInFile;
  readonly #side: Side;
  readonly #offset: number;
  readonly #positions: Uint32Array;
  #rowOf: Uint32Array | undefined;

  constructor(layout: LayoutInFile, side: Side, generation: number, positions: Uint32Array) {
    this.#layout = layout;
    this.#side = side;
    this.#offset = offsetOf(layout, side, generation);
    this.#positions = positions;
  }

  /** Coordinates `first` to `first + width` of all rows, row-major. */
  columns(first: number, width: number): Elements<Float32Array> {
    return {
      length: this.#layout[this.#side].rowCount * width,
      BYTES_PER_ELEMENT: 4,
      subarray: (start, end) => {
        const from = Math.floor(start / width);
        const values = this.#gather(from, Math.ceil(end / width), first, width);
        return values.subarray(start - from * width, end - from * width);
      },
    };
  }

  #gather(from: number, to: number, first: number, width: number): Float32Array {
    const { stride, elementBytes, rowFile } = this.#layout;
    const rowBytes = stride * elementBytes;
    const rows = this.#rows.subarray(from, to);
    // In the order of the file, so that a disk reads ahead.
    const order = Uint32Array.from(rows.keys()).sort((a, b) => rows[a]! - rows[b]!);
    const out = new Float32Array(rows.length * width);
    const most = Math.max(1, Math.floor(windowBytes / rowBytes));
    const window = newElements(this.#layout, most * stride);
    const shape = { rank: width, stride };
    for (let at = 0; at < order.length; ) {
      const firstRow = rows[order[at]!]!;
      let end = at + 1;
      const nextRow = () => rows[order[end]!]!;
      while (
        end < order.length &&
        (nextRow() - rows[order[end - 1]!]!) * rowBytes <= gapBytes &&
        nextRow() - firstRow < most
      ) {
        end++;
      }
      const count = rows[order[end - 1]!]! - firstRow + 1;
      const read = window.subarray(0, count * stride);
      rowFile.read(this.#offset + firstRow * rowBytes, bytesOf(read));
      for (; at < end; at++) {
        const place = order[at]!;
        unpadRow(read.subarray(first), rows[place]! - firstRow, out, place, shape);
      }
    }
    return out;
  }

  get #rows(): Uint32Array {
    if (this.#rowOf === undefined) {
      this.#rowOf = new Uint32Array(this.#positions.length);
      for (const [row, position] of this.#positions.entries()) this.#rowOf[position] = row;
    }
    return this.#rowOf;
  }
}
