import { unavailable } from '../device/dawn.js';

/**
 * What Seesaw uses of the package `gpu.js`, whose own declarations lack a part of it and need those
 * of a browser.
 */
export interface GpuJsModule {
  readonly GPU: new (settings: { readonly mode: Mode }) => GpuJs;
  /** A flat array that is read as rows of `size[0]` elements, on the processor. */
  readonly Input: new (
    values: Float32Array,
    size: readonly number[],
  ) => object;
  readonly WebGPUContext: { acquire(): Promise<DeviceContext> };
  /** A buffer of the device, as an argument. */
  readonly WebGPUBufferResult: new (settings: {
    readonly buffer: GPUBuffer;
    readonly output: readonly number[];
    readonly context: DeviceContext;
  }) => BufferHandle;
}

/** Where gpu.js computes: on a device of WebGPU, or on the processor as JavaScript or WASM. */
export type Mode = 'webgpu' | 'cpu' | 'webasm';

/** An instance of gpu.js. */
export interface GpuJs {
  createKernel(source: string, settings: KernelSettings): GpuJsKernel;
}

/** How gpu.js compiles a kernel. */
export interface KernelSettings {
  readonly output: readonly number[];
  readonly dynamicOutput: boolean;
  readonly dynamicArguments?: boolean;
  /** Loops end after so many rounds, without a word; by default after 1,000. */
  readonly loopMaxIterations: number;
  /** Whether results stay on the device. */
  readonly pipeline?: boolean;
}

/** A compiled kernel. On a device it resolves with a handle, on the processor it returns numbers. */
export interface GpuJsKernel {
  (...args: readonly unknown[]): unknown;
  setOutput(output: readonly number[]): void;
  destroy(): void;
}

/** A result on the device; the kernel's next call overwrites it. */
export interface BufferHandle {
  readonly buffer: GPUBuffer;
  /** Elements of a row, rows. */
  output: readonly number[];
  /** Lets go of the buffer; the kernel that wrote it keeps it. */
  delete(): void;
}

/** The device, as gpu.js knows it. */
export interface DeviceContext {
  readonly device: object;
}

/**
 * The package `gpu.js`, loaded when first asked for. Rejects with `KernelUnavailableError` if it is
 * not there or does not load.
 */
export async function loadGpuJs(): Promise<GpuJsModule> {
  try {
    const { default: module } = await import('gpu.js');
    // Described above; gpu.js 2.24 has all of it.
    return module as unknown as GpuJsModule;
  } catch (cause) {
    throw unavailable('gpu.js', cause);
  }
}
