import type { MachineFigures } from './machine-figures.js';

/**
 * What a development machine was measured to do: two cores of an AMD EPYC with 24 GiB, Node
 * 20.20.2, by `seesaw plan --calibrate --servers`. `seesaw plan --calibrate` measures yours.
 */
export const defaultFigures: MachineFigures = Object.freeze({
  format: 3,
  machine: { cpu: 'AMD EPYC', cores: 2, memoryGiB: 24, node: '20.20.2', kernel: 'wasm-simd128' },
  speed: { alone: 0.00659, together: 0.0107 },
  solve: {
    cg: {
      seconds: {
        task: 0.0007047,
        row: 2.54e-7,
        gram: 5.693e-9,
        measured: 3.099e-9,
        rating: 8.718e-9,
        element: 1.409e-10,
        farElement: 2.397e-10,
        rowElement: 4.89e-9,
        rowProduct: 2.11e-10,
      },
      residuals: [
        0.6553, 0.7801, 0.8134, 0.8462, 0.8646, 0.8766, 0.8931, 0.9144, 0.9346, 0.9444, 0.9535,
        0.9626, 0.9722, 0.9811, 0.9907, 0.9985, 1.009, 1.022, 1.047, 1.069, 1.086, 1.126, 1.185,
        1.25, 1.343, 1.766,
      ],
    },
    cholesky: {
      seconds: {
        task: 0,
        row: 0.000001017,
        gram: 0,
        measured: 0,
        rating: 4.253e-10,
        element: 0,
        farElement: 2.891e-10,
        outer: 6.935e-11,
        rowProduct: 0,
        factorisation: 0,
      },
      residuals: [
        0.3336, 0.4912, 0.504, 0.5048, 0.5103, 0.5196, 0.5248, 0.5336, 0.5466, 0.558, 0.5737,
        0.6234, 0.6267, 0.6417, 0.6851, 0.7224, 0.7663, 0.7907, 0.8991, 0.9696, 1.075, 1.336, 1.599,
        2.027, 3.139, 7.84,
      ],
    },
    subspace: {
      seconds: {
        task: 0,
        row: 0.000001742,
        gram: 0,
        measured: 0,
        rating: 1.376e-8,
        element: 1.56e-9,
        farElement: 7.395e-10,
        outer: 1.666e-12,
        rowProduct: 1.948e-10,
        factorisation: 0,
      },
      residuals: [
        0.2912, 0.6842, 0.729, 0.7478, 0.7611, 0.7755, 0.7841, 0.7971, 0.804, 0.8202, 0.828, 0.8402,
        0.8594, 0.8853, 0.9045, 0.9583, 1.01, 1.035, 1.095, 1.224, 1.292, 1.367, 1.45, 1.482, 1.58,
        2.259,
      ],
    },
  },
  slowdown: 1,
  between: {
    inProcess: {
      seconds: { phase: 0.0002037, task: 0.00003506, element: 4.217e-9 },
      residuals: [
        0.539, 0.5533, 0.6207, 0.7074, 0.7074, 0.7074, 0.729, 0.7848, 0.7848, 0.7848, 0.8046,
        0.8069, 0.8069, 0.8069, 0.824, 0.824, 0.99, 1.05, 1.141, 1.141, 1.146, 1.348, 1.401, 1.719,
        2.215, 3.321,
      ],
    },
    threads: {
      seconds: { phase: 0.0006492, task: 0.0001604, element: 7.436e-9 },
      residuals: [
        0.7824, 0.7824, 0.7824, 0.7824, 0.7824, 0.7824, 0.8675, 0.8675, 0.9426, 1.048, 1.048, 1.048,
        1.048, 1.048, 1.048, 1.048, 1.048, 1.048, 1.144, 1.144, 1.144, 1.144, 1.144, 1.144, 1.144,
        1.144,
      ],
    },
  },
  rotate: {
    seconds: { rowProduct: 4.497e-10, cube: 1.745e-8 },
    residuals: [
      0.6546, 0.6546, 0.6546, 0.6546, 0.6546, 0.6546, 0.6546, 0.6546, 0.6546, 0.6546, 0.991, 0.991,
      0.991, 0.991, 1.01, 1.01, 1.01, 1.01, 1.026, 1.026, 1.026, 1.196, 1.206, 1.206, 1.684, 7.056,
    ],
  },
  copyBytesPerSecond: { median: 6521000000, low: 6406000000, high: 6962000000 },
  readRatingsPerSecond: { median: 1262000, low: 865300, high: 1577000 },
  road: {
    latencySeconds: { median: 0.0003113, low: 0.0002706, high: 0.0005487 },
    bytesPerSecond: { median: 240500000, low: 180600000, high: 314500000 },
    fanOutBytesPerSecond: { median: 414300000, low: 354200000, high: 551300000 },
    messages: {
      supervisor: {
        seconds: { phase: 0.00642, nodePhase: 0, task: 0.0009317, delivery: 0, byte: 4.689e-9 },
        residuals: [
          0.6391, 0.6391, 0.6445, 0.6445, 0.6445, 0.6864, 0.7303, 0.7303, 0.7303, 0.8979, 0.8979,
          0.8979, 0.9009, 0.9009, 0.9009, 1.002, 1.002, 1.023, 1.023, 1.023, 1.503, 1.503, 1.503,
          1.755, 1.755, 1.755,
        ],
      },
      server: {
        seconds: {
          phase: 0.001067,
          nodePhase: 0.001489,
          task: 0.0001635,
          delivery: 0,
          byte: 2.729e-9,
        },
        residuals: [
          0.7316, 0.7316, 0.7316, 0.7316, 0.7316, 0.7442, 0.7442, 0.7442, 0.7767, 0.7936, 0.7936,
          0.8805, 0.8805, 0.8805, 0.9002, 0.9006, 0.9006, 0.9006, 1.224, 1.224, 1.224, 1.224, 1.643,
          1.643, 1.746, 1.746,
        ],
      },
      node: {
        seconds: { phase: 0, nodePhase: 0.003571, task: 0.0007318, delivery: 0, byte: 6.375e-9 },
        residuals: [
          0.6376, 0.6376, 0.7024, 0.7024, 0.7169, 0.7169, 0.8184, 0.8184, 0.8184, 0.8184, 0.8184,
          0.8236, 0.8553, 0.9611, 1.023, 1.023, 1.023, 1.133, 1.133, 1.308, 1.308, 1.322, 1.322,
          1.322, 1.638, 1.638,
        ],
      },
    },
  },
} as const);
