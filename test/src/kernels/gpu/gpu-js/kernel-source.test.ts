import test from 'ava';
import type { Backend } from '../../../../../src/kernels/gpu/gpu-js/backend.js';
import { gpuBackend } from '../../../../../src/kernels/gpu/gpu-js/gpu-backend.js';
import {
  divide,
  exactBelow,
  kernelSource,
} from '../../../../../src/kernels/gpu/gpu-js/kernel-source.js';
import { processorBackend } from '../../../../../src/kernels/gpu/gpu-js/processor-backend.js';
import { anyGpu } from '../../../../helpers/builders/software-gpu.js';

const parts = { quotient: 'quotient', remainder: 'remainder' };
const sources = {
  quotient: kernelSource(
    'quotient',
    ['first', 'divisor'],
    `${divide('(this.thread.x + first)', 'divisor', parts)} return quotient;`,
  ),
  remainder: kernelSource(
    'remainder',
    ['first', 'divisor'],
    `${divide('(this.thread.x + first)', 'divisor', parts)} return remainder;`,
  ),
};

const gpu = anyGpu;
const backends: Record<string, () => Promise<Backend>> = {
  'gpu.js in JavaScript': () => processorBackend('cpu'),
  'gpu.js in WASM': () => processorBackend('webasm'),
  ...(gpu && { [`gpu.js on ${gpu.name}`]: () => gpuBackend(gpu) }),
};

for (const [name, open] of Object.entries(backends)) {
  test(`${name}: whole numbers are divided exactly up to 2^24`, async (t) => {
    const backend = await open();
    const length = 5000;
    const run = async (what: keyof typeof sources, first: number, divisor: number) => {
      const result = await backend.compile(sources[what])({ length }, { first, divisor });
      const numbers = new Float32Array(length);
      await backend.read(result, numbers, new AbortController().signal);
      result.free();
      return numbers;
    };

    for (const divisor of [1, 3, 4, 5, 7, 8, 20, 100, 127, 128, 511, 520]) {
      for (const first of [0, exactBelow - length]) {
        const quotients = await run('quotient', first, divisor);
        const remainders = await run('remainder', first, divisor);
        const numbers = Array.from({ length }, (_, at) => first + at);
        t.deepEqual(
          [...quotients],
          numbers.map((number) => Math.floor(number / divisor)),
        );
        t.deepEqual(
          [...remainders],
          numbers.map((number) => number % divisor),
        );
      }
    }
    backend.close();
  });

  test(`${name}: rows of an array are read whatever the size of the array`, async (t) => {
    const backend = await open();
    const source = kernelSource('element', ['rows'], 'return rows[this.thread.x * 1000][3];');
    const element = backend.compile(source);
    const rows = backend.allocate(5 * 2 ** 20, 5);
    backend.upload(rows, 1_000_003, Float32Array.of(9));
    backend.upload(rows, 5_000_003, Float32Array.of(7));

    const result = await element({ length: 1001 }, { rows });

    const numbers = new Float32Array(1001);
    await backend.read(result, numbers, new AbortController().signal);
    t.is(numbers[200], 9);
    t.is(numbers[1000], 7);
    t.is(
      numbers.reduce((sum, number) => sum + number),
      16,
    );
    backend.close();
  });
}
