import { bufferUsage } from '../device/buffer-usage.js';
import type { Gpu } from '../device/gpu.js';
import { guarded } from '../device/guarded.js';
import { readBuffer } from '../device/transfer.js';
import type { Compiled } from './compiled.js';
import type { PassTime, ProgramLimits } from './settings.js';
import { type Params, paramsBytes, uniformBytes, writeParams } from './shaders/shader.js';

/** One run of a shader. */
export interface Dispatch {
  readonly compiled: Compiled;
  readonly params: Params;
  /** By the names of the shader's bindings. */
  readonly buffers: Readonly<Record<string, GPUBuffer>>;
  /** Folded over y if x alone is more than the device takes. */
  readonly workgroups: readonly [x: number, y?: number];
  /** Multiplications and additions, about. */
  readonly operations: number;
}

/**
 * Gives dispatches to the device in their order, a few at a time.
 *
 * Rejects with `DeviceError` if the device does not take them. Not awaited is that they are done.
 *
 * @param progress called whenever some are done
 */
export async function submit(
  gpu: Gpu,
  dispatches: readonly Dispatch[],
  { workgroups, submitOperations }: ProgramLimits,
  progress: () => void,
  onTimes?: (times: readonly PassTime[]) => void,
): Promise<void> {
  if (dispatches.length === 0) return;
  const { device } = gpu;
  const clock = onTimes && openClock(gpu, dispatches.length);
  const params = device.createBuffer({
    size: dispatches.length * paramsBytes,
    usage: bufferUsage.uniform,
    mappedAtCreation: true,
  });
  try {
    await guarded(gpu, () => {
      const view = new DataView(params.getMappedRange());
      for (const [i, dispatch] of dispatches.entries()) {
        writeParams(dispatch.params, view, i * paramsBytes);
      }
      params.unmap();
      let encoder = device.createCommandEncoder();
      let operations = 0;
      for (const [i, dispatch] of dispatches.entries()) {
        const pass = encoder.beginComputePass(clock?.passOf(i));
        pass.setPipeline(dispatch.compiled.pipeline);
        pass.setBindGroup(0, bind(device, dispatch, params, i));
        const [x, y] = dispatch.workgroups;
        if (y === undefined) pass.dispatchWorkgroups(...fold(x, workgroups));
        else pass.dispatchWorkgroups(x, y);
        pass.end();
        operations += dispatch.operations;
        if (operations >= submitOperations || i + 1 === dispatches.length) {
          device.queue.submit([encoder.finish()]);
          device.queue.onSubmittedWorkDone().then(progress, () => {});
          encoder = device.createCommandEncoder();
          operations = 0;
        }
      }
    });
    if (clock) onTimes?.(await clock.read(dispatches));
  } finally {
    params.destroy();
    clock?.close();
  }
}

/** Workgroups of a row and how many such rows, at least `count` in all. */
export function fold(count: number, most: number): [x: number, y: number] {
  const y = Math.ceil(count / most);
  return [Math.ceil(count / y), y];
}

function bind(
  device: GPUDevice,
  { compiled, buffers }: Dispatch,
  params: GPUBuffer,
  number: number,
): GPUBindGroup {
  const { shader, layout } = compiled;
  return device.createBindGroup({
    layout,
    entries: [
      {
        binding: 0,
        resource: { buffer: params, offset: number * paramsBytes, size: uniformBytes },
      },
      ...shader.bindings.map(({ name }, i) => {
        const buffer = buffers[name];
        if (buffer === undefined) throw new TypeError(`no buffer for ${name} of ${shader.name}`);
        return { binding: i + 1, resource: { buffer } };
      }),
    ],
  });
}

/** What WebGPU promises that a query set has room for. */
const maxStamps = 4096;

/** Timestamps before and after every pass, if the device has them. */
function openClock(gpu: Gpu, count: number) {
  const { device } = gpu;
  if (!gpu.features.has('timestamp-query') || count * 2 > maxStamps) return undefined;
  const querySet = device.createQuerySet({ type: 'timestamp', count: count * 2 });
  const stamps = device.createBuffer({
    size: count * 16,
    usage: bufferUsage.queryResolve | bufferUsage.copySource,
  });
  return {
    passOf: (i: number): GPUComputePassDescriptor => ({
      timestampWrites: {
        querySet,
        beginningOfPassWriteIndex: 2 * i,
        endOfPassWriteIndex: 2 * i + 1,
      },
    }),
    async read(dispatches: readonly Dispatch[]): Promise<PassTime[]> {
      const encoder = device.createCommandEncoder();
      encoder.resolveQuerySet(querySet, 0, count * 2, stamps, 0);
      device.queue.submit([encoder.finish()]);
      const words = new Uint32Array(count * 4);
      await readBuffer(gpu, stamps, 0, words);
      const nanoseconds = new BigUint64Array(words.buffer);
      return dispatches.map(({ compiled }, i) => ({
        name: compiled.shader.name,
        seconds: Number(nanoseconds[2 * i + 1]! - nanoseconds[2 * i]!) / 1e9,
      }));
    },
    close(): void {
      querySet.destroy();
      stamps.destroy();
    },
  };
}
