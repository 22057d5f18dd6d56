import type { Side } from '../ratings/ratings.js';
import type { Elements } from './elements.js';
import {
  bytesOf,
  type FactorSpan,
  factorSpans,
  joinSpans,
  type LayoutInFile,
  layoutInFile,
  newElements,
  offsetOf,
  writableSpans,
} from './factor-spans.js';
import type { IterationMetrics } from './iteration-metrics.js';
import type { Job } from './job.js';

/**
 * All that a job's next phase reads which the ratings and the options do not give: with it, a job
 * goes on to the same bits. Gram matrices are summed from the factors again.
 */
export interface Snapshot {
  /** Iterations that are done, ≥ 1. */
  readonly iteration: number;
  /** Row-major, users × stride, rows in the numbering inside, padding included. */
  readonly userFactors: Elements;
  readonly itemFactors: Elements;
  /** Errors of the iterations so far, in order. */
  readonly history: readonly IterationMetrics[];
  /** Models of iterations so far that the run may end with. */
  readonly kept: readonly KeptModel[];
}

/** What is needed to end a run with the model of an earlier iteration. Its arrays are never written to. */
export interface KeptModel {
  /** The operator that keeps it. */
  readonly name: string;
  readonly iteration: number;
  readonly rank: number;
  /** Row-major, users × rank, in the order of positions. */
  readonly userFactors: Float32Array;
  readonly itemFactors: Float32Array;
  /** By position; both, or neither in a model without biases. */
  readonly userBiases: Float32Array | undefined;
  readonly itemBiases: Float32Array | undefined;
}

/**
 * A job as it is after its last iteration, the end of `history`: a copy, or where rows lie in a file what
 * reads them there, which must be done before the second iteration after it begins.
 */
export function takeSnapshot(
  job: Job,
  history: readonly IterationMetrics[],
  kept: readonly KeptModel[],
): Snapshot {
  const { iteration } = history.at(-1)!;
  return {
    iteration,
    userFactors: elementsOf(job, 'user', iteration),
    itemFactors: elementsOf(job, 'item', iteration),
    history: history.slice(),
    kept,
  };
}

/** Brings a new job to where a job of the same ratings and options was when the snapshot was taken. */
export function restoreSnapshot(job: Job, snapshot: Snapshot): void {
  const { iteration } = snapshot;
  fillSpans(writableSpans(job, 'user', iteration), snapshot.userFactors);
  fillSpans(writableSpans(job, 'item', iteration), snapshot.itemFactors);
}

function elementsOf(job: Job, side: Side, generation: number): Elements {
  const layout = layoutInFile(job.layout);
  if (layout !== undefined) return elementsInFile(layout, side, generation);
  return joinSpans(factorSpans(job, side, generation));
}

function elementsInFile(layout: LayoutInFile, side: Side, generation: number): Elements {
  const { stride, elementBytes, rowFile } = layout;
  const offset = offsetOf(layout, side, generation);
  return {
    length: layout[side].rowCount * stride,
    BYTES_PER_ELEMENT: elementBytes,
    subarray(start, end) {
      const elements = newElements(layout, end - start);
      rowFile.read(offset + start * elementBytes, bytesOf(elements));
      return elements;
    },
  };
}

/** Writes elements to spans, as `joinSpans` reads them. */
function fillSpans(spans: Iterable<FactorSpan>, from: Elements): void {
  let at = 0;
  for (const { elements } of spans) {
    elements.set(from.subarray(at, at + elements.length));
    at += elements.length;
  }
}
