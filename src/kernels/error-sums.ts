import type { BlockSums, ErrorSums } from './kernel.js';

export const noErrors: ErrorSums = Object.freeze({
  squared: 0,
  absolute: 0,
  squaredPreference: 0,
  loss: 0,
  squaredPrediction: 0,
});

export const noSums: BlockSums = Object.freeze({
  ...noErrors,
  regularization: 0,
  heldOut: noErrors,
});

/** Elementwise sum, left plus right. */
export function addErrors(left: ErrorSums, right: ErrorSums): ErrorSums {
  return {
    squared: left.squared + right.squared,
    absolute: left.absolute + right.absolute,
    squaredPreference: left.squaredPreference + right.squaredPreference,
    loss: left.loss + right.loss,
    squaredPrediction: left.squaredPrediction + right.squaredPrediction,
  };
}

/** Elementwise sum, left plus right. The order of a chain of sums decides its last bits. */
export function addSums(left: BlockSums, right: BlockSums): BlockSums {
  return {
    ...addErrors(left, right),
    regularization: left.regularization + right.regularization,
    heldOut: addErrors(left.heldOut, right.heldOut),
  };
}
