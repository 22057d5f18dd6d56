import { bufferUsage } from '../device/buffer-usage.js';
import type { Gpu } from '../device/gpu.js';
import { readBuffer, uploadInto } from '../device/transfer.js';
import type { Backend, Resident, Run } from './backend.js';
import {
  type BufferHandle,
  type DeviceContext,
  type GpuJs,
  type GpuJsKernel,
  type GpuJsModule,
  loadGpuJs,
} from './gpu-js.js';
import { exactBelow, type KernelSource } from './kernel-source.js';
import { lendDevice } from './lend-device.js';

/**
 * The kernels on a device that gpu.js shares with other code. What is run is queued; the
 * device is waited for when something is read back. Rejects with `KernelUnavailableError` or
 * `DeviceError`.
 */
export async function gpuBackend(gpu: Gpu): Promise<Backend> {
  const module = await loadGpuJs();
  return new GpuBackend(gpu, module, await lendDevice(gpu, module));
}

interface GpuArray extends Resident {
  readonly handle: BufferHandle;
}

class GpuBackend implements Backend {
  readonly #gpu: Gpu;
  readonly #module: GpuJsModule;
  readonly #gpuJs: GpuJs;
  readonly #context: DeviceContext;
  readonly #arrays = new Set<GpuArray>();
  readonly #kernels: GpuJsKernel[] = [];

  constructor(
    gpu: Gpu,
    module: GpuJsModule,
    lent: { readonly gpuJs: GpuJs; readonly context: DeviceContext },
  ) {
    this.#gpu = gpu;
    this.#module = module;
    this.#gpuJs = lent.gpuJs;
    this.#context = lent.context;
  }

  allocate(length: number, rowLength?: number): Resident {
    const { storage, copySource, copyTarget } = bufferUsage;
    const buffer = this.#gpu.device.createBuffer({
      size: length * 4,
      usage: storage | copySource | copyTarget,
    });
    const handle = new this.#module.WebGPUBufferResult({
      buffer,
      output: sizeOf(length, rowLength),
      context: this.#context,
    });
    return this.#keep(handle);
  }

  upload(into: Resident, at: number, values: Float32Array): number {
    return uploadInto(this.#gpu, handleOf(into).buffer, at * 4, values);
  }

  copy(from: Resident, length: number, into: Resident, at: number): void {
    const { device } = this.#gpu;
    const encoder = device.createCommandEncoder();
    const [source, target] = [handleOf(from).buffer, handleOf(into).buffer];
    encoder.copyBufferToBuffer(source, 0, target, at * 4, length * 4);
    device.queue.submit([encoder.finish()]);
  }

  read(from: Resident, into: Float32Array, signal: AbortSignal): Promise<number> {
    return readBuffer(this.#gpu, handleOf(from).buffer, 0, into, signal);
  }

  /** A kernel has one result at a time, so there are as many of it as results are in use. */
  compile<Name extends string>(source: KernelSource<Name>): Run<Name> {
    const idle: GpuJsKernel[] = [];
    return async ({ length, rowLength }, args) => {
      const kernel = idle.pop() ?? this.#create(source);
      kernel.setOutput([length]);
      const values = source.arguments.map((name) => {
        const argument = args[name];
        return typeof argument === 'number' ? argument : handleOf(argument);
      });
      // With `pipeline` it resolves with a handle.
      const handle = (await kernel(...values)) as BufferHandle;
      handle.output = sizeOf(length, rowLength);
      return this.#keep(handle, () => idle.push(kernel));
    };
  }

  close(): void {
    for (const array of this.#arrays) array.free();
    for (const kernel of this.#kernels) kernel.destroy();
    // Destroyed buffers are freed with the next submission.
    this.#gpu.device.queue.submit([]);
  }

  #keep(handle: BufferHandle, onFree?: () => void): GpuArray {
    const array = {
      handle,
      free: () => {
        if (!this.#arrays.delete(array)) return;
        handle.delete();
        onFree?.();
      },
    };
    this.#arrays.add(array);
    return array;
  }

  #create(source: KernelSource): GpuJsKernel {
    const kernel = this.#gpuJs.createKernel(source.text, {
      output: [1],
      dynamicOutput: true,
      loopMaxIterations: exactBelow,
      pipeline: true,
    });
    this.#kernels.push(kernel);
    return kernel;
  }
}

function sizeOf(length: number, rowLength: number | undefined): number[] {
  return rowLength === undefined ? [length] : [rowLength, length / rowLength];
}

/** Arrays of this backend are its own. */
function handleOf(array: Resident): BufferHandle {
  return (array as GpuArray).handle;
}
