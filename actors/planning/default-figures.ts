import type { MachineFigures } from './machine-figures.js';

/**
 * What a development machine was measured to do: two cores of an AMD EPYC with 24 GiB, Node
 * 20.20.2, by `seesaw plan --calibrate`. `seesaw plan --calibrate` measures yours.
 */
export const defaultFigures: MachineFigures = Object.freeze({
  format: 1,
  machine: {
    cpu: 'AMD EPYC',
    cores: 2,
    memoryGiB: 24,
    node: '20.20.2',
    kernel: 'wasm-simd128',
  },
  solve: {
    cg: {
      seconds: {
        task: 0,
        row: 2.037e-8,
        gram: 0,
        measured: 1.015e-9,
        rating: 1.009e-8,
        element: 2.01e-10,
        farElement: 2.961e-10,
        rowElement: 1.065e-8,
        rowProduct: 2.932e-10,
      },
      residuals: [
        0.67563, 0.77487, 0.79635, 0.81143, 0.831, 0.84993, 0.87281, 0.90149, 0.942, 0.98099,
        1.0176, 1.0477, 1.0694, 1.1069, 1.1238, 1.1462, 1.1659, 1.1881, 1.217, 1.2402, 1.2649,
        1.3038, 1.341, 1.4421, 1.6104, 2.0249,
      ],
    },
    cholesky: {
      seconds: {
        task: 0.0000394,
        row: 0.000001173,
        gram: 0,
        measured: 0,
        rating: 1.025e-8,
        element: 0,
        farElement: 6.54e-10,
        outer: 5.506e-11,
        rowProduct: 2.571e-11,
        factorisation: 0,
      },
      residuals: [
        0.49063, 0.69277, 0.73656, 0.7598, 0.82901, 0.86428, 0.9098, 0.96959, 1.0878, 1.1664,
        1.2142, 1.3621, 1.4724, 1.6167, 1.9901, 2.1122, 2.5467, 2.7915, 3.3404, 4.3124, 5.5996,
        7.3077, 8.5676, 9.4225, 13.759, 15.938,
      ],
    },
    subspace: {
      seconds: {
        task: 0,
        row: 0.000002678,
        gram: 0,
        measured: 0,
        rating: 6.031e-8,
        element: 1.445e-9,
        farElement: 6.676e-10,
        outer: 2.243e-12,
        rowProduct: 2.451e-10,
        factorisation: 0,
      },
      residuals: [
        0.33729, 0.75163, 0.8167, 0.84693, 0.89415, 0.91725, 0.9377, 0.96679, 0.99444, 1.0397,
        1.0759, 1.1238, 1.1491, 1.1839, 1.2304, 1.2865, 1.3194, 1.392, 1.4685, 1.5329, 1.6274,
        1.7345, 1.9691, 2.0787, 2.2312, 4.5458,
      ],
    },
  },
  slowdown: 1.364,
  phaseSeconds: {
    median: 0.00008107,
    low: 0.00005693,
    high: 0.0001052,
  },
  taskSeconds: {
    median: 0.00003004,
    low: 0.0000223,
    high: 0.00003779,
  },
  copyBytesPerSecond: {
    median: 7030000000,
    low: 4802000000,
    high: 8773000000,
  },
  readRatingsPerSecond: {
    median: 893600,
    low: 531600,
    high: 1015000,
  },
  road: {
    latencySeconds: {
      median: 0.0003,
      low: 0.0003,
      high: 0.0003,
    },
    bytesPerSecond: {
      median: 400000000,
      low: 400000000,
      high: 400000000,
    },
    fanOutBytesPerSecond: {
      median: 1000000000,
      low: 1000000000,
      high: 1000000000,
    },
    pieceSeconds: 0.000045,
    taskSeconds: 0.0005,
  },
} as const);
