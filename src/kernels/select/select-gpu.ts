import { DeviceError, KernelUnavailableError } from '../../errors.js';
import { maybeHasGpu } from '../gpu/device/maybe-has-gpu.js';
import { gpuKernelName, openGpuKernel } from '../gpu/open-gpu-kernel.js';
import type { GpuOptions } from '../job-layout.js';
import type { KernelName } from '../kernel-names.js';
import { traitsOf } from './choose-kernel.js';
import { flopsOf, type GpuWork, isWorthGpu, unsuitedTo } from './gpu-work.js';
import type { KernelChoice } from './kernel-choice.js';

/** The GPU for a job that asks for one. Rejects as `selectKernel` says. */
export async function selectGpu(
  work: GpuWork | undefined,
  gpu: GpuOptions,
  places: readonly (readonly KernelName[])[] | undefined,
): Promise<KernelChoice> {
  if (work === undefined) {
    throw new KernelUnavailableError(
      "found a placement that runs no GPU kernel; expected inProcess(), threads(n) or nodes(…); try kernel: 'wasm'",
    );
  }
  const unsuited = unsuitedTo(work);
  if (unsuited !== undefined) {
    throw new KernelUnavailableError(`${unsuited} with kernel: 'gpu'; try kernel: 'wasm'`);
  }
  const name = gpuKernelName(gpu);
  if (places !== undefined) return amongPlaces(name, places);
  const { program } = await openGpuKernel(name, gpu);
  const refusal = program.refusal(work.shape);
  if (refusal !== undefined) {
    throw new KernelUnavailableError(
      `${program.deviceName} does not take the job: ${refusal}; try kernel: 'wasm'`,
    );
  }
  return { kernel: traitsOf(name), reason: `asked for; on ${program.deviceName}` };
}

/**
 * The GPU for a job that takes the fastest there is, or why not, for people; undefined if none can be
 * used anyway. Nothing is loaded if the job is too small.
 */
export async function considerGpu(
  work: GpuWork | undefined,
  gpu: GpuOptions,
  places: readonly (readonly KernelName[])[] | undefined,
): Promise<KernelChoice | string | undefined> {
  if (work === undefined) return undefined;
  const unsuited = unsuitedTo(work);
  if (unsuited !== undefined) return `no GPU for it: ${unsuited}`;
  if (!isWorthGpu(work)) return `too small for a GPU at ${amount(work)}`;
  const name = gpuKernelName(gpu);
  if (places !== undefined) {
    const able = places.filter((kernels) => kernels.includes(name)).length;
    if (able === places.length) return amongPlaces(name, places);
    return able > 0 ? `${able} of ${places.length} workers have a GPU` : 'no worker has a GPU';
  }
  if (!maybeHasGpu()) return 'no GPU here';
  try {
    // A driver that computes on the processor is slower than WASM.
    const { program } = await openGpuKernel(name, { ...gpu, software: false });
    const refusal = program.refusal(work.shape);
    if (refusal !== undefined) return `${program.deviceName} does not take it: ${refusal}`;
    return { kernel: traitsOf(name), reason: `${amount(work)} pay for ${program.deviceName}` };
  } catch (error) {
    if (error instanceof KernelUnavailableError || error instanceof DeviceError) {
      return `no GPU: ${error.message}`;
    }
    throw error;
  }
}

function amongPlaces(name: KernelName, places: readonly (readonly KernelName[])[]): KernelChoice {
  const able = places.filter((kernels) => kernels.includes(name)).length;
  if (able === 0) {
    throw new KernelUnavailableError(
      `found no worker with kernel ${name}, but ${places.map((each) => each.join(' or ')).join('; ')}; ` +
        "expected a GPU; try kernel: 'auto'",
    );
  }
  const who =
    able === places.length ? 'all workers have' : `${able} of ${places.length} workers have`;
  return { kernel: traitsOf(name), reason: `${who} a GPU` };
}

/** For people: `340 GFLOP`. */
function amount(work: GpuWork): string {
  const giga = flopsOf(work) / 1e9;
  return `${giga < 10 ? giga.toPrecision(2) : Math.round(giga)} GFLOP`;
}
