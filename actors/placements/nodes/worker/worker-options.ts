import { randomUUID } from 'node:crypto';
import { availableParallelism, hostname } from 'node:os';
import { aFunction, anything, integer, type Rules } from '../../../../src/check-options.js';
import { InvalidOptionError } from '../../../../src/errors.js';
import { checkGpuOptions } from '../../../../src/kernels/gpu/device/check-gpu-options.js';
import { gpuKernelsHere } from '../../../../src/kernels/gpu/open-gpu-kernel.js';
import type { GpuOptions } from '../../../../src/kernels/job-layout.js';
import type { KernelName } from '../../../../src/kernels/kernel-names.js';
import { isCpuKernel } from '../../../../src/kernels/select/choose-kernel.js';
import { kernelsHere } from '../../../../src/kernels/select/select-kernel.js';
import { offeredMemory } from '../../../../src/machine-memory.js';
import type { Placement } from '../../placement.js';
import { threads as threadsPlacement } from '../../threads/threads.js';
import { oneLine } from '../protocol/clean-text.js';
import { checkNatsOptions, type NatsOptions, natsRules } from '../transport/nats-options.js';
import { dataFolders } from './data-folders.js';

/** How a worker is set up. */
export interface WorkerOptions extends NatsOptions {
  /** Threads that solve; default one for each core. */
  readonly threads?: number | undefined;
  /**
   * Bytes of memory that it offers, ≥ 1: a job that is larger is cut, and this worker gets blocks
   * that fit. Default what the machine, or the container, has free, less a quarter.
   */
  readonly memory?: number | undefined;
  /** Its name in events and messages; default the machine's and the process's. */
  readonly name?: string | undefined;
  /** Names of the jobs that it takes, `*` for any text. Default `*`. */
  readonly job?: string | undefined;
  /** Kernels that it may run, of those that its machine runs. Default all of them. */
  readonly kernels?: readonly KernelName[] | undefined;
  /**
   * Folders with files that jobs may read ratings from (`readBy: 'workers'`): a job's SQL can read
   * there, and nowhere else. Default none.
   */
  readonly data?: readonly string[] | undefined;
  /**
   * Which GPU it offers beside its threads; default the one that is there, unless `kernels`
   * excludes it.
   */
  readonly gpu?: GpuOptions | undefined;
  /** Called with its events. */
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined;
}

/** The events of a worker. */
export type WorkerEvent =
  | {
      readonly type: 'ready';
      readonly server: string;
      readonly worker: string;
      readonly threads: number;
      /** Bytes that it offers. */
      readonly memory: number;
      readonly kernels: readonly KernelName[];
    }
  /** Its server asks for no credentials. */
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'joined'; readonly job: string }
  | { readonly type: 'left'; readonly job: string; readonly reason: string }
  /** Its GPU has failed; it goes on with WASM. */
  | { readonly type: 'fault'; readonly job: string; readonly message: string }
  | { readonly type: 'refused'; readonly job: string; readonly reason: string };

/** What a worker is, once its options have been checked. */
export interface ResolvedWorkerOptions {
  /** Its unique name, for programs. */
  readonly worker: string;
  /** Its name for people. */
  readonly name: string;
  readonly threads: number;
  /** Bytes of memory that it offers. */
  readonly memory: number;
  /** Those threads. */
  readonly placement: Placement;
  /** Names of the jobs that it takes, `*` for any text. */
  readonly jobs: string;
  readonly kernels: readonly KernelName[];
  /** Folders that jobs may read, as real paths. */
  readonly folders: readonly string[];
}

/** What each option must be; folders, kernels and the GPU are checked against the machine. */
const rules: Rules<keyof WorkerOptions> = {
  ...natsRules,
  threads: anything,
  memory: integer(1, Number.MAX_SAFE_INTEGER),
  name: {
    expected: 'a text',
    accepts: (value) => typeof value === 'string' && value !== '',
  },
  job: {
    expected: 'letters, digits, dashes and *',
    accepts: (value) => typeof value === 'string' && /^[\w*-]{1,80}$/.test(value),
  },
  kernels: anything,
  data: anything,
  gpu: anything,
  onEvent: aFunction,
};

/** Checks options and fills in what they leave out. Rejects with `InvalidOptionError`. */
export async function resolveWorkerOptions(options: WorkerOptions): Promise<ResolvedWorkerOptions> {
  checkNatsOptions('startWorker', options, rules);
  const {
    threads = availableParallelism(),
    memory = offeredMemory(),
    name: named = defaultName(),
    job: jobs = '*',
  } = options;
  const placement = threadsPlacement(threads);
  const kernels = await allowedKernels(options);
  const folders = await dataFolders(options.data);
  const name = oneLine(named, 80);
  const worker = `${name.replace(/[^\w-]/g, '-').slice(0, 40)}-${randomUUID().slice(0, 8)}`;
  return { worker, name, threads, memory, placement, jobs, kernels, folders };
}

async function allowedKernels({
  kernels: wanted,
  gpu = {},
}: WorkerOptions): Promise<readonly KernelName[]> {
  checkGpuOptions(gpu);
  const mayUseGpu =
    wanted === undefined ||
    (Array.isArray(wanted) && wanted.some((name: KernelName) => !isCpuKernel(name)));
  const here = [...(mayUseGpu ? await gpuKernelsHere(gpu) : []), ...kernelsHere()];
  if (wanted === undefined) return here;
  const isKnown = Array.isArray(wanted) && wanted.every((name) => here.includes(name));
  if (isKnown && wanted.length > 0) return here.filter((name) => wanted.includes(name));
  throw new InvalidOptionError(
    'kernels',
    wanted,
    `some of those that run here: ${here.join(', ')}`,
  );
}

function defaultName(): string {
  return `${hostname()}-${process.pid}`;
}
