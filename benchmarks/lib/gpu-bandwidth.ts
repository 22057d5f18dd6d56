import { bufferUsage } from '../../src/kernels/gpu/device/buffer-usage.js';
import type { Gpu } from '../../src/kernels/gpu/device/gpu.js';
import { readBuffer } from '../../src/kernels/gpu/device/transfer.js';

/** What copying memory to memory reaches on a device. */
export interface CopyBandwidth {
  /** Bytes read and written in a second: the best of the copies. */
  readonly bytesPerSecond: number;
  /** Bytes read by one copy; as many are written. */
  readonly copiedBytes: number;
  /** Whether the device timed it; otherwise the wall clock of many copies together. */
  readonly isTimedByGpu: boolean;
}

const shader = /* wgsl */ `
@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> copied: array<vec4f>;

@compute @workgroup_size(256)
fn copy(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let at = (group.y * groups.x + group.x) * 256 + lane;
  copied[at] = source[at];
}
`;

const copies = 20;
const groupsPerRow = 32_768;

/** Measures what copying reaches: 1 GiB at a time on hardware, 64 MiB in software. */
export async function copyBandwidth(gpu: Gpu): Promise<CopyBandwidth> {
  const { device, limits, features, isSoftware } = gpu;
  const wanted = isSoftware ? 64 * 2 ** 20 : 2 ** 30;
  const most = Math.min(wanted, limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  // Whole workgroups of 256 times 16 bytes, in whole rows of them.
  const groups = Math.floor(most / 4096);
  const rows = Math.ceil(groups / groupsPerRow);
  const columns = Math.floor(groups / rows);
  const copiedBytes = columns * rows * 4096;
  const isTimedByGpu = features.has('timestamp-query');

  const usage = bufferUsage.storage | bufferUsage.copyTarget | bufferUsage.copySource;
  const source = device.createBuffer({ size: copiedBytes, usage });
  const copied = device.createBuffer({ size: copiedBytes, usage });
  const module = device.createShaderModule({ code: shader });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [source, copied].map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const clock = isTimedByGpu ? openClock(gpu) : undefined;
  const run = async (): Promise<number> => {
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    for (let copy = 0; copy < copies; copy++) {
      const pass = encoder.beginComputePass(clock?.passOf(copy) ?? {});
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(columns, rows);
      pass.end();
    }
    clock?.resolve(encoder);
    device.queue.submit([encoder.finish()]);
    await readBuffer(gpu, copied, 0, new Float32Array(4));
    return (performance.now() - start) / 1000 / copies;
  };
  await run();
  const wall = await run();
  const seconds = clock === undefined ? wall : await clock.fastest();
  for (const buffer of [source, copied]) buffer.destroy();
  clock?.close();
  device.queue.submit([]);
  return { bytesPerSecond: (2 * copiedBytes) / seconds, copiedBytes, isTimedByGpu };
}

/** Times passes on the device. */
function openClock(gpu: Gpu) {
  const { device } = gpu;
  const count = 2 * copies;
  const querySet = device.createQuerySet({ type: 'timestamp', count });
  const usage = bufferUsage.queryResolve | bufferUsage.copySource;
  const stamps = device.createBuffer({ size: 8 * count, usage });
  return {
    passOf: (pass: number): GPUComputePassDescriptor => ({
      timestampWrites: {
        querySet,
        beginningOfPassWriteIndex: 2 * pass,
        endOfPassWriteIndex: 2 * pass + 1,
      },
    }),
    resolve: (encoder: GPUCommandEncoder) => encoder.resolveQuerySet(querySet, 0, count, stamps, 0),
    /** Seconds of the shortest pass that the device gives a time for. */
    async fastest(): Promise<number> {
      const words = new Uint32Array(2 * count);
      await readBuffer(gpu, stamps, 0, words);
      const nanoseconds = new BigUint64Array(words.buffer);
      const seconds = Array.from({ length: copies }, (_, pass) => {
        return Number(nanoseconds[2 * pass + 1]! - nanoseconds[2 * pass]!) / 1e9;
      });
      return Math.min(...seconds.filter((each) => each > 0));
    },
    close(): void {
      querySet.destroy();
      stamps.destroy();
    },
  };
}
