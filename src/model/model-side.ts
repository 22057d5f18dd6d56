import type { Id, IdVocabulary } from '../ratings/id-vocabulary.js';
import type { Side } from '../ratings/ratings.js';
import type { ModelSettings } from './model-settings.js';
import { positionOf } from './position-of.js';
import { type ScoringRows, scoringRows } from './ranking/scoring-rows.js';
import type { FixedSide } from './row-solver.js';
import { rowNorms } from './similar-rows.js';

/** What one side of a model is made of. It owns the arrays from then on. */
export interface SideContents {
  readonly side: Side;
  readonly ids: IdVocabulary;
  readonly factors: Float32Array;
  readonly biases: Float32Array | undefined;
  readonly globalMean: number;
  readonly settings: ModelSettings;
  /** Gram matrix of the factors, if it is known; `ModelSide` owns it. */
  readonly gram?: Float64Array | undefined;
}

/** The users or the items of a model, and values derived from their factors at first use. */
export class ModelSide implements FixedSide {
  readonly side: Side;
  readonly ids: IdVocabulary;
  readonly factors: Float32Array;
  readonly biases: Float32Array | undefined;
  readonly globalMean: number;
  readonly settings: ModelSettings;
  #idList: readonly Id[] | undefined;
  #scoring: ScoringRows | undefined;
  #norms: Float64Array | undefined;
  #gram: Float64Array | undefined;

  constructor(contents: SideContents) {
    this.side = contents.side;
    this.ids = contents.ids;
    this.factors = contents.factors;
    this.biases = contents.biases;
    this.globalMean = contents.globalMean;
    this.settings = contents.settings;
    this.#gram = contents.gram;
  }

  get rowCount(): number {
    return this.ids.size;
  }

  get idList(): readonly Id[] {
    this.#idList ??= Array.from({ length: this.ids.size }, (_, position) => this.ids.at(position));
    return this.#idList;
  }

  /** Rows whose products with the other side's are scores. */
  get scoring(): ScoringRows {
    this.#scoring ??= scoringRows(this.side, this, this.settings.rank, this.globalMean);
    return this.#scoring;
  }

  /** Euclidean lengths of the factors, without biases. */
  get norms(): Float64Array {
    this.#norms ??= rowNorms(this.factors, this.settings.rank);
    return this.#norms;
  }

  /** Gram matrix of the factors in float64, rank × rank. */
  gram(): Float64Array {
    this.#gram ??= gramOf(this.factors, this.settings.rank);
    return this.#gram;
  }

  /** Throws `UnknownIdError`. */
  positionOf(id: Id): number {
    return positionOf(this.side, id, this.ids);
  }

  /** The factors at a position, a view, and the bias, 0 in a model without biases. */
  rowAt(position: number): { readonly factors: Float32Array; readonly bias: number } {
    const { rank } = this.settings;
    const factors = this.factors.subarray(position * rank, (position + 1) * rank);
    return { factors, bias: this.biases?.[position] ?? 0 };
  }

  /** The scoring row at a position. A view. */
  scoringRow(position: number): Float32Array {
    const { rows, width } = this.scoring;
    return rows.subarray(position * width, (position + 1) * width);
  }
}

function gramOf(factors: Float32Array, rank: number): Float64Array {
  const gram = new Float64Array(rank * rank);
  const row = new Float64Array(rank);
  for (let at = 0; at < factors.length; at += rank) {
    row.set(factors.subarray(at, at + rank));
    addOuterProduct(gram, row, 1);
  }
  return gram;
}

/** Adds scale·y·yᵀ to a Gram matrix. */
export function addOuterProduct(gram: Float64Array, y: Float64Array, scale: number): void {
  const rank = y.length;
  for (let i = 0; i < rank; i++) {
    const left = scale * y[i]!;
    if (left === 0) continue;
    for (let j = 0; j < rank; j++) gram[i * rank + j]! += left * y[j]!;
  }
}
