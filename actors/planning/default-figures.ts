import type { MachineFigures } from './machine-figures.js';

/**
 * What a development machine was measured to do: two cores of an AMD EPYC with 24 GiB, Node
 * 20.20.2, by `seesaw plan --calibrate --servers`. `seesaw plan --calibrate` measures yours.
 */
export const defaultFigures: MachineFigures = Object.freeze({
  format: 3,
  machine: { cpu: 'AMD EPYC', cores: 2, memoryGiB: 24, node: '20.20.2', kernel: 'wasm-simd128' },
  speed: { alone: 0.005949, together: 0.006173 },
  solve: {
    cg: {
      seconds: {
        task: 0,
        row: 3.042e-7,
        gram: 0,
        measured: 0,
        rating: 1.636e-8,
        element: 7.195e-10,
        farElement: 7.182e-10,
        farRating: 2.343e-7,
        rowElement: 9.374e-9,
        rowProduct: 3.843e-10,
      },
      residuals: [
        0.7652, 0.8495, 0.8811, 0.9011, 0.9123, 0.9201, 0.9258, 0.931, 0.9395, 0.9492, 0.9565,
        0.965, 0.9794, 0.9915, 1.001, 1.011, 1.019, 1.028, 1.04, 1.049, 1.062, 1.076, 1.108, 1.146,
        1.234, 1.541,
      ],
    },
    cholesky: {
      seconds: {
        task: 0.0002077,
        row: 5.388e-7,
        gram: 0,
        measured: 6.267e-9,
        rating: 0,
        element: 1.173e-9,
        farElement: 3.558e-9,
        outer: 5.177e-11,
        ratedRow: 0,
        blockGram: 1.061e-11,
        rowProduct: 2.171e-9,
        factorisation: 1.041e-11,
      },
      residuals: [
        0.8237, 0.9293, 0.9492, 0.9522, 0.959, 0.9626, 0.9672, 0.9719, 0.9744, 0.9773, 0.9816,
        0.9848, 0.9871, 0.9887, 0.9924, 0.9978, 1.003, 1.009, 1.011, 1.016, 1.02, 1.03, 1.054,
        1.077, 1.177, 1.189,
      ],
    },
    subspace: {
      seconds: {
        task: 0.001843,
        row: 0,
        gram: 0,
        measured: 0,
        rating: 1.24e-8,
        element: 2.576e-9,
        farElement: 3.311e-9,
        outer: 0,
        ratedRow: 3.907e-7,
        blockGram: 7.263e-11,
        rowProduct: 0,
        factorisation: 1.023e-10,
      },
      residuals: [
        0.7728, 0.87, 0.8761, 0.8887, 0.8979, 0.917, 0.9262, 0.9377, 0.9436, 0.9563, 0.9684, 0.9724,
        0.9765, 0.9826, 0.9945, 1.008, 1.022, 1.036, 1.044, 1.056, 1.064, 1.076, 1.128, 1.157,
        1.212, 1.344,
      ],
    },
  },
  slowdown: 1.078,
  between: {
    inProcess: {
      seconds: { phase: 0.0004872, task: 0.000102, element: 7.996e-9 },
      residuals: [
        0.598, 0.633, 0.7308, 0.7493, 0.7493, 0.7835, 0.7916, 0.7916, 0.7916, 0.8302, 0.8302,
        0.8319, 0.8319, 0.8319, 0.8842, 0.9002, 0.9403, 0.9469, 0.9769, 1.02, 1.069, 1.097, 1.586,
        1.725, 2.05, 2.815,
      ],
    },
    threads: {
      seconds: { phase: 0.001407, task: 0.0001253, element: 3.292e-9 },
      residuals: [
        0.8658, 0.8658, 0.8658, 0.8658, 0.8658, 0.8658, 0.9829, 1.02, 1.02, 1.02, 1.038, 1.038,
        1.038, 1.038, 1.038, 1.038, 1.038, 1.038, 1.049, 1.049, 1.049, 1.049, 1.049, 1.049, 1.049,
        1.049,
      ],
    },
  },
  rotate: {
    seconds: { rowProduct: 9.139e-10, cube: 3.1e-8 },
    residuals: [
      0.8234, 0.8234, 0.8234, 0.8234, 0.8234, 0.8234, 0.8234, 0.8234, 0.8234, 0.8234, 0.8928,
      0.8928, 0.8928, 0.8928, 0.9286, 0.9286, 0.9286, 0.9286, 1.045, 1.045, 1.128, 1.221, 1.221,
      1.221, 1.282, 5.289,
    ],
  },
  copyBytesPerSecond: { median: 7399000000, low: 6937000000, high: 7861000000 },
  readRatingsPerSecond: { median: 1205000, low: 849100, high: 1324000 },
  road: {
    latencySeconds: { median: 0.000298, low: 0.0002735, high: 0.0004703 },
    bytesPerSecond: { median: 269900000, low: 146700000, high: 347700000 },
    fanOutBytesPerSecond: { median: 403800000, low: 339300000, high: 443500000 },
    messages: {
      supervisor: {
        seconds: { phase: 0.001304, nodePhase: 0, task: 0.001128, delivery: 0, byte: 8.953e-9 },
        residuals: [
          0.659, 0.659, 0.659, 0.7275, 0.7275, 0.7275, 0.7569, 0.7569, 0.8941, 0.8941, 0.9163,
          0.9163, 0.9163, 0.9395, 0.9395, 1.109, 1.109, 1.146, 1.146, 1.23, 1.23, 1.23, 1.409,
          1.409, 1.409, 1.861,
        ],
      },
      server: {
        seconds: { phase: 0.003359, nodePhase: 0, task: 0.0002054, delivery: 0, byte: 2.506e-9 },
        residuals: [
          0.8363, 0.8363, 0.9288, 0.9288, 0.9288, 0.9565, 0.9565, 0.9588, 0.9588, 0.9588, 0.9608,
          0.9608, 0.9754, 0.9942, 0.9942, 0.9942, 0.9942, 0.9942, 1.045, 1.045, 1.053, 1.053, 1.161,
          1.161, 1.161, 1.275,
        ],
      },
      node: {
        seconds: {
          phase: 0.003521,
          nodePhase: 0,
          task: 0.0009092,
          delivery: 0.0003309,
          byte: 4.146e-9,
        },
        residuals: [
          0.623, 0.623, 0.6556, 0.6823, 0.6823, 0.6823, 0.6823, 0.6877, 0.6877, 0.6877, 0.8086,
          0.8086, 0.8086, 0.9579, 0.9579, 0.9891, 0.9891, 1.143, 1.27, 1.27, 1.406, 1.406, 1.406,
          1.791, 1.791, 1.791,
        ],
      },
    },
  },
} as const);
