import { DeviceError } from '../../../errors.js';
import { bufferUsage } from './buffer-usage.js';
import type { Gpu } from './gpu.js';
import { guarded } from './guarded.js';
import { readBuffer, uploadInto } from './transfer.js';

const count = 256;

const shader = /* wgsl */ `
@group(0) @binding(0) var<storage, read> numbers: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = 0.0;
  for (var at = 0u; at <= id.x; at++) { sum += numbers[at]; }
  sums[id.x] = sum;
}
`;

/**
 * Sums 1 … n on the device, for every n to 256. There are backends that do nothing and call it
 * success, so no device is used before it has done this.
 *
 * Rejects with `DeviceError`.
 */
export async function checkArithmetic(gpu: Gpu): Promise<void> {
  const { device } = gpu;
  const numbers = Float32Array.from({ length: count }, (_, at) => at + 1);
  const storage = bufferUsage.storage | bufferUsage.copyTarget | bufferUsage.copySource;
  const buffers: GPUBuffer[] = [];
  const allocate = () => {
    const buffer = device.createBuffer({ size: numbers.byteLength, usage: storage });
    buffers.push(buffer);
    return buffer;
  };
  try {
    const output = await guarded(gpu, () => {
      const [input, output] = [allocate(), allocate()];
      uploadInto(gpu, input, 0, numbers);
      const module = device.createShaderModule({ code: shader });
      const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
      const entries = [input, output].map((buffer, binding) => ({ binding, resource: { buffer } }));
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(
        0,
        device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }),
      );
      pass.dispatchWorkgroups(count / 64);
      pass.end();
      device.queue.submit([encoder.finish()]);
      return output;
    });
    const sums = new Float32Array(count);
    await readBuffer(gpu, output, 0, sums);
    for (const [at, sum] of sums.entries()) {
      const expected = ((at + 1) * (at + 2)) / 2;
      if (sum !== expected) {
        throw new DeviceError(`it computes ${sum} where ${expected} is right`);
      }
    }
  } finally {
    for (const buffer of buffers) buffer.destroy();
    device.queue.submit([]);
  }
}
