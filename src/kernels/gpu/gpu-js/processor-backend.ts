import type { Backend, Resident, Run } from './backend.js';
import { type GpuJs, type GpuJsKernel, type GpuJsModule, loadGpuJs } from './gpu-js.js';
import { exactBelow, type KernelSource } from './kernel-source.js';

/**
 * The kernels without a device: gpu.js makes JavaScript (`cpu`) or WASM (`webasm`) of them. They are
 * slower than Seesaw's own, and there to check the kernels where no device is.
 */
export async function processorBackend(mode: 'cpu' | 'webasm' = 'cpu'): Promise<Backend> {
  return new ProcessorBackend(await loadGpuJs(), mode);
}

class ProcessorArray implements Resident {
  readonly values: Float32Array;
  readonly rowLength: number | undefined;

  constructor(values: Float32Array, rowLength?: number) {
    this.values = values;
    this.rowLength = rowLength;
  }

  free(): void {}
}

class ProcessorBackend implements Backend {
  readonly #module: GpuJsModule;
  readonly #gpu: GpuJs;
  readonly #mode: 'cpu' | 'webasm';

  constructor(module: GpuJsModule, mode: 'cpu' | 'webasm') {
    this.#mode = mode;
    this.#module = module;
    this.#gpu = new module.GPU({ mode });
  }

  allocate(length: number, rowLength?: number): Resident {
    return new ProcessorArray(new Float32Array(length), rowLength);
  }

  upload(into: Resident, at: number, values: Float32Array): number {
    valuesOf(into).set(values, at);
    return values.byteLength;
  }

  copy(from: Resident, length: number, into: Resident, at: number): void {
    valuesOf(into).set(valuesOf(from).subarray(0, length), at);
  }

  async read(from: Resident, into: Float32Array, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    into.set(valuesOf(from).subarray(0, into.length));
    return into.byteLength;
  }

  compile<Name extends string>(source: KernelSource<Name>): Run<Name> {
    const kernel: GpuJsKernel = this.#gpu.createKernel(source.text, {
      output: [1],
      dynamicOutput: true,
      // WASM has the sizes of arrays built in; JavaScript would read rows of another length.
      dynamicArguments: this.#mode === 'webasm',
      loopMaxIterations: exactBelow,
    });
    return async ({ length, rowLength }, args) => {
      kernel.setOutput([length]);
      const result = kernel(...source.arguments.map((name) => this.#argument(args[name])));
      // One number a thread, in one dimension.
      return new ProcessorArray(result as Float32Array, rowLength);
    };
  }

  close(): void {}

  #argument(argument: Resident | number): object | number {
    if (typeof argument === 'number') return argument;
    const { values, rowLength } = argument as ProcessorArray;
    const size = rowLength === undefined ? [values.length] : [rowLength, values.length / rowLength];
    return new this.#module.Input(values, size);
  }
}

/** Arrays of this backend are its own. */
function valuesOf(array: Resident): Float32Array {
  return (array as ProcessorArray).values;
}
