import { setImmediate as nextTurn } from 'node:timers/promises';
import { DeviceError } from '../../../errors.js';
import type { Gpu } from '../device/gpu.js';
import type { DeviceContext, GpuJs, GpuJsModule } from './gpu-js.js';

/**
 * An instance of gpu.js that computes on a device of ours. gpu.js keeps one device a process; rejects
 * with `DeviceError` if it still has another one.
 */
export async function lendDevice(
  gpu: Gpu,
  module: GpuJsModule,
): Promise<{ gpuJs: GpuJs; context: DeviceContext }> {
  // So that gpu.js has heard of the loss of a device before this one.
  await nextTurn();
  const view = viewOf(gpu);
  const { limits, features, info } = gpu;
  const adapter = { limits, features, info, requestDevice: async () => view };
  const { gpuJs, acquired } = withNavigator({ requestAdapter: async () => adapter }, () => ({
    gpuJs: new module.GPU({ mode: 'webgpu' }),
    acquired: module.WebGPUContext.acquire(),
  }));
  const context = await acquired;
  if (context.device !== view) {
    throw new DeviceError('gpu.js computes on another device of this process');
  }
  return { gpuJs, context };
}

/** gpu.js looks for a device at `navigator.gpu`, which Node has not. It is there during `work`. */
function withNavigator<Result>(gpu: object, work: () => Result): Result {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { gpu } });
  try {
    return work();
  } finally {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
  }
}

const views = new WeakMap<GPUDevice, GPUDevice>();

/**
 * The device as gpu.js sees it: without its errors and its loss, which gpu.js would take from their
 * owner and print. When it is lost gpu.js lets go of it.
 */
function viewOf({ device, lost }: Gpu): GPUDevice {
  const known = views.get(device);
  if (known) return known;
  const quietly = lost.then((message) => ({ reason: 'destroyed', message }));
  const view = new Proxy(device, {
    get(target, name) {
      if (name === 'lost') return quietly;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: () => true,
  });
  views.set(device, view);
  return view;
}
