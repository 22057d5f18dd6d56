import type { MachineFigures } from './machine-figures.js';

/**
 * What a development machine was measured to do: two cores of an AMD EPYC with 24 GiB, Node
 * 20.20.2, by `seesaw plan --calibrate --servers`. `seesaw plan --calibrate` measures yours.
 */
export const defaultFigures: MachineFigures = Object.freeze({
  format: 3,
  machine: { cpu: 'AMD EPYC', cores: 2, memoryGiB: 24, node: '20.20.2', kernel: 'wasm-simd128' },
  speed: { alone: 0.006076, together: 0.006326 },
  solve: {
    cg: {
      seconds: {
        task: 0,
        row: 2.904e-7,
        gram: 1.003e-8,
        measured: 5.778e-9,
        rating: 1.556e-8,
        element: 5.467e-10,
        farElement: 1.212e-10,
        farRating: 4.93e-8,
        rowElement: 7.835e-9,
        rowProduct: 3.569e-10,
      },
      residuals: [
        0.6463, 0.8045, 0.8419, 0.8733, 0.8979, 0.916, 0.9277, 0.9428, 0.9533, 0.965, 0.9796,
        0.9874, 0.9981, 1.007, 1.015, 1.022, 1.026, 1.039, 1.055, 1.068, 1.083, 1.097, 1.107, 1.147,
        1.2, 1.558,
      ],
    },
    cholesky: {
      seconds: {
        task: 0.0002822,
        row: 4.974e-7,
        gram: 6.221e-9,
        measured: 1.029e-8,
        rating: 3.004e-9,
        element: 1.02e-9,
        farElement: 9.178e-10,
        outer: 4.513e-11,
        ratedRow: 0,
        blockGram: 0,
        rowProduct: 2.503e-9,
        factorisation: 2.957e-12,
      },
      residuals: [
        0.7264, 0.7957, 0.8621, 0.9001, 0.9415, 0.9572, 0.965, 0.969, 0.9802, 0.99, 0.995, 0.9978,
        0.9998, 1.009, 1.024, 1.027, 1.028, 1.03, 1.039, 1.049, 1.062, 1.078, 1.085, 1.109, 1.14,
        1.168,
      ],
    },
    subspace: {
      seconds: {
        task: 0.001111,
        row: 0,
        gram: 0,
        measured: 1.248e-8,
        rating: 3.41e-8,
        element: 1.616e-9,
        farElement: 9.454e-10,
        outer: 5.48e-13,
        ratedRow: 0,
        blockGram: 1.154e-10,
        rowProduct: 3.456e-12,
        factorisation: 1.051e-10,
      },
      residuals: [
        0.7646, 0.8527, 0.8792, 0.8909, 0.9068, 0.9303, 0.9385, 0.9456, 0.9549, 0.9691, 0.9776,
        0.9818, 0.9903, 0.9953, 1.004, 1.012, 1.023, 1.029, 1.042, 1.058, 1.07, 1.079, 1.12, 1.145,
        1.194, 1.27,
      ],
    },
  },
  slowdown: 1.066,
  between: {
    inProcess: {
      seconds: { phase: 0.0004624, task: 9.879e-5, element: 7.108e-9 },
      residuals: [
        0.5941, 0.7244, 0.7615, 0.7974, 0.7974, 0.8073, 0.8356, 0.8356, 0.8473, 0.8473, 0.8473,
        0.9091, 0.9091, 0.9091, 0.9236, 0.9346, 0.9346, 1.018, 1.018, 1.025, 1.127, 1.127, 1.282,
        1.521, 1.808, 2.559,
      ],
    },
    threads: {
      seconds: { phase: 0.001193, task: 0.000118, element: 4.391e-9 },
      residuals: [
        0.785, 0.785, 0.785, 0.785, 0.785, 0.785, 0.9467, 1.04, 1.04, 1.04, 1.04, 1.04, 1.04, 1.04,
        1.075, 1.075, 1.075, 1.075, 1.075, 1.075, 1.075, 1.075, 1.075, 1.09, 1.09, 1.09,
      ],
    },
  },
  rotate: {
    seconds: { rowProduct: 1.005e-9, cube: 2.744e-8 },
    residuals: [
      0.8175, 0.8175, 0.8175, 0.8175, 0.8175, 0.8175, 0.8175, 0.8175, 0.8175, 0.8175, 0.9626,
      0.9626, 0.9626, 0.9626, 0.9626, 0.9643, 0.9643, 0.9643, 0.9643, 1.055, 1.144, 1.144, 1.144,
      1.214, 1.228, 4.959,
    ],
  },
  copyBytesPerSecond: { median: 9480000000, low: 9205000000, high: 10150000000 },
  readRatingsPerSecond: { median: 1269000, low: 847500, high: 1544000 },
  road: {
    latencySeconds: { median: 0.0003348, low: 0.0002738, high: 0.0005727 },
    bytesPerSecond: { median: 260800000, low: 148500000, high: 306700000 },
    fanOutBytesPerSecond: { median: 387700000, low: 337300000, high: 427100000 },
    messages: {
      supervisor: {
        seconds: { phase: 0.002947, nodePhase: 0, task: 0.00142, delivery: 0, byte: 1.361e-8 },
        residuals: [
          0.7694, 0.7694, 0.7694, 0.7694, 0.819, 0.819, 0.842, 0.842, 0.9732, 0.9967, 0.9967,
          0.9967, 1.013, 1.013, 1.057, 1.057, 1.071, 1.071, 1.071, 1.121, 1.121, 1.121, 1.238,
          1.238, 1.238, 1.431,
        ],
      },
      server: {
        seconds: {
          phase: 0.004033,
          nodePhase: 0.0004473,
          task: 0,
          delivery: 9.237e-5,
          byte: 3.666e-9,
        },
        residuals: [
          0.8393, 0.8393, 0.8393, 0.8393, 0.8393, 0.8393, 0.9146, 0.9146, 0.9146, 0.9146, 0.9666,
          0.9666, 0.9666, 0.9861, 0.9943, 0.9943, 1, 1, 1, 1.091, 1.091, 1.166, 1.292, 1.292, 1.292,
          1.292,
        ],
      },
      node: {
        seconds: {
          phase: 0,
          nodePhase: 0.002726,
          task: 0.001086,
          delivery: 0.0002854,
          byte: 9.905e-9,
        },
        residuals: [
          0.862, 0.862, 0.862, 0.862, 0.862, 0.8957, 0.8957, 0.8976, 0.9409, 0.9409, 0.9409, 0.9412,
          1.002, 1.009, 1.009, 1.009, 1.062, 1.062, 1.09, 1.09, 1.09, 1.136, 1.136, 1.197, 1.197,
          1.197,
        ],
      },
    },
  },
} as const);
