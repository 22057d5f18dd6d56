import { withDeadline } from '../../../deadline.js';
import { DeviceError, KernelUnavailableError } from '../../../errors.js';
import { checkArithmetic } from './check-arithmetic.js';
import { loadDawn } from './dawn.js';
import type { Gpu, GpuRequest } from './gpu.js';

const features = ['subgroups', 'timestamp-query'] as const;

/** Asked for as the adapter has them; a device has the least that WebGPU promises otherwise. */
const limits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

let opened: Promise<Gpu> | undefined;

/**
 * The process's device, opened when first asked for and checked: what it computes must be right.
 *
 * Rejects with `KernelUnavailableError` if there is no adapter, or only one that computes on the
 * processor and `software` is not set, and with `DeviceError` if it is silent or computes garbage.
 */
export async function openGpu(request: GpuRequest = {}): Promise<Gpu> {
  opened ??= openFirst(request);
  const gpu = await opened;
  refuseSoftware(gpu.isSoftware, gpu.name, request);
  return gpu;

  async function openFirst(request: GpuRequest): Promise<Gpu> {
    const forget = () => {
      opened = undefined;
    };
    try {
      const gpu = await openDevice(await loadDawn(), request);
      void gpu.lost.then(forget);
      return gpu;
    } catch (error) {
      forget();
      throw error;
    }
  }
}

/** `openGpu` on an entry point of WebGPU, of Dawn or another; every call opens a device. */
export async function openDevice(entry: GPU, request: GpuRequest): Promise<Gpu> {
  const ms = (request.deadline ?? 30) * 1000;
  const inTime = <Result>(work: Promise<Result>, what: string): Promise<Result> =>
    withDeadline(work, ms, () => new DeviceError(silenceMessage(what, ms)));

  const adapter = await inTime(askForAdapter(entry), 'telling which GPUs there are');
  if (adapter === null) {
    throw new KernelUnavailableError(
      'found no GPU; expected one with a Vulkan, Metal or Direct3D 12 driver; ' +
        "try kernel: 'wasm', or install the driver and, on Linux, libvulkan1",
    );
  }
  const { info } = adapter;
  const isSoftware = computesOnProcessor(info);
  const name = nameOf(info);
  refuseSoftware(isSoftware, name, request);

  let gpu: Gpu | undefined;
  try {
    const opening = adapter.requestDevice({
      requiredFeatures: features.filter((feature) => adapter.features.has(feature)),
      requiredLimits: Object.fromEntries(limits.map((limit) => [limit, adapter.limits[limit]])),
    });
    gpu = watch(await inTime(opening, 'opening'), { name, isSoftware, info });
    await inTime(checkArithmetic(gpu), 'a first sum');
    return gpu;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    gpu?.giveUp(reason);
    throw new DeviceError(`${name}: ${reason}; try kernel: 'wasm'`, { cause: error });
  }
}

async function askForAdapter(entry: GPU): Promise<GPUAdapter | null> {
  try {
    return await entry.requestAdapter({ powerPreference: 'high-performance' });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DeviceError(`WebGPU cannot tell which GPUs there are: ${reason}`, { cause });
  }
}

function watch(
  device: GPUDevice,
  known: { readonly name: string; readonly isSoftware: boolean; readonly info: GPUAdapterInfo },
): Gpu {
  let giveUp = (_reason: string): void => {};
  const lost = new Promise<string>((resolve) => {
    giveUp = resolve;
  });
  void device.lost.then(({ reason, message }) => giveUp(`it was lost (${message || reason})`));
  device.addEventListener('uncapturederror', (event) => {
    giveUp(`an unhandled error: ${event.error.message.split('\n')[0]}`);
  });
  return {
    ...known,
    device,
    limits: device.limits,
    features: device.features,
    lost,
    // Not destroyed: a driver that hangs could hold the process there.
    giveUp,
  };
}

/** For the message of a deadline. */
export function silenceMessage(what: string, ms: number): string {
  return `no answer to ${what} within ${ms / 1000} s`;
}

function computesOnProcessor({ isFallbackAdapter, architecture, description }: GPUAdapterInfo) {
  return (
    isFallbackAdapter ||
    architecture === 'software' ||
    /llvmpipe|lavapipe|swiftshader|softpipe|basic render/i.test(description)
  );
}

function nameOf({ device, vendor, architecture, description }: GPUAdapterInfo): string {
  return device || description || [vendor, architecture].filter(Boolean).join(' ') || 'a GPU';
}

function refuseSoftware(isSoftware: boolean, name: string, { software }: GpuRequest): void {
  if (!isSoftware || software === true) return;
  throw new KernelUnavailableError(
    `found only ${name}, which computes on the processor; expected a GPU; ` +
      "try kernel: 'wasm', which is faster, or gpu: { software: true } to test with it",
  );
}
