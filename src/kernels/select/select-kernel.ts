import { KernelUnavailableError } from '../../errors.js';
import type { GpuOptions } from '../job-layout.js';
import type { CpuKernelName, KernelName } from '../kernel-names.js';
import { isSupported } from '../wasm/wasm-binary.js';
import { chooseKernel, kernelNamed, type ProcessorKernelOption } from './choose-kernel.js';
import type { GpuWork } from './gpu-work.js';
import type { KernelChoice } from './kernel-choice.js';
import { considerGpu, selectGpu } from './select-gpu.js';

/** What a job asks for, and where it will run. */
export interface KernelRequest {
  readonly wanted: ProcessorKernelOption | 'gpu';
  /** What each of the job's places can run; by default it runs in this process. */
  readonly places?: readonly (readonly KernelName[])[];
  /** What a GPU would have to do; absent where none can be used. */
  readonly gpuWork?: GpuWork;
  readonly gpu?: GpuOptions;
}

/** Kernels of a processor, the fastest first. */
const bySpeed = ['wasm-relaxed-simd', 'wasm-simd128', 'reference'] as const;

/**
 * Chooses the kernel of a job: the fastest that is wanted and that every place can run. With `auto`
 * it is a GPU's if there is one that takes the job and is expected to be faster; if the job is too
 * small for that, none is looked for.
 *
 * Rejects with `KernelUnavailableError` if there is no such kernel, and with `DeviceError` if a GPU is
 * wanted and fails.
 */
export async function selectKernel(request: KernelRequest): Promise<KernelChoice> {
  const { wanted, places, gpuWork, gpu = {} } = request;
  if (wanted === 'gpu') return selectGpu(gpuWork, gpu, places);
  if (wanted !== 'auto') return selectOfProcessor(wanted, places);
  const device = await considerGpu(gpuWork, gpu, places);
  if (typeof device === 'object') return device;
  const { kernel, reason } = selectOfProcessor(wanted, places);
  return { kernel, reason: device === undefined ? reason : `${reason}; ${device}` };
}

/** Kernels that this process can run without a device. */
export function kernelsHere(): CpuKernelName[] {
  return bySpeed.filter(
    (name) =>
      name === 'reference' || isSupported(name === 'wasm-simd128' ? 'simd128' : 'relaxed-simd'),
  );
}

function selectOfProcessor(
  wanted: ProcessorKernelOption,
  places: KernelRequest['places'],
): KernelChoice {
  if (places === undefined || wanted === 'reference') {
    const isPinned = wanted === 'reference' || wanted === 'wasm-simd128';
    const reason = isPinned ? 'asked for' : 'the fastest of this processor';
    return { kernel: chooseKernel(wanted), reason };
  }
  if (wanted === 'wasm-simd128') {
    const unable = places.filter((kernels) => !kernels.includes(wanted));
    if (unable.length === 0) return { kernel: chooseKernel(wanted), reason: 'asked for' };
    throw new KernelUnavailableError(
      `${unable.length} of ${places.length} workers do not run ${wanted}, only ` +
        `${unable[0]!.join(', ')}; expected all to; try seesaw worker without --kernels`,
    );
  }
  const common = bySpeed.find(
    (name) => name !== 'reference' && places.every((kernels) => kernels.includes(name)),
  );
  if (common === undefined) {
    const found = places.map((kernels) => kernels.join(' or ')).join('; ');
    throw new KernelUnavailableError(
      `found no kernel that all workers run: ${found}; expected one; try the same Node everywhere`,
    );
  }
  return { kernel: kernelNamed(common), reason: reasonFor(common, places) };
}

/** Names a faster kernel that only some of the places run. */
function reasonFor(common: CpuKernelName, places: readonly (readonly KernelName[])[]): string {
  const faster = bySpeed
    .slice(0, bySpeed.indexOf(common))
    .find((name) => places.some((kernels) => kernels.includes(name)));
  if (faster === undefined) return 'the fastest that all workers run';
  const able = places.filter((kernels) => kernels.includes(faster)).length;
  return `the fastest that all ${places.length} workers run; ${able} of them could run ${faster}`;
}
