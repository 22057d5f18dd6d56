import type { Gpu } from '../device/gpu.js';

/** Seconds that a dispatch took on the device. */
export interface PassTime {
  /** `Shader.name`. */
  readonly name: string;
  readonly seconds: number;
}

/** For tests and benchmarks: what else follows from the device. None of the limits may exceed its own. */
export interface WgslSettings {
  /** Bytes that a binding has at most. */
  readonly bindingBytes?: number;
  /** Bytes of workgroup memory. */
  readonly workgroupBytes?: number;
  /** Workgroups in a dimension of a dispatch. */
  readonly workgroups?: number;
  /** Whether lanes hand numbers to each other directly. */
  readonly subgroups?: boolean;
  /** Ratings above which a row is split over workgroups. */
  readonly longRow?: number;
  /** Rows that are solved side by side at most, a power of two. */
  readonly rows?: number;
  /** Neighbours that are on their way at a time. */
  readonly ahead?: number;
  /** Multiplications and additions, about, that are given to the device at a time. */
  readonly submitOperations?: number;
  /** Called after every batch, if the device has `timestamp-query`. */
  readonly onTimes?: (times: readonly PassTime[]) => void;
}

/** What the program keeps to on a device. */
export interface ProgramLimits {
  readonly bindingBytes: number;
  readonly workgroupBytes: number;
  readonly workgroups: number;
  /** Lanes that can hand numbers to each other; 1 if none can. */
  readonly subgroupSize: number;
  /** Storage buffers of a shader. */
  readonly bindings: number;
  readonly longRow: number;
  readonly rows: number;
  readonly ahead: number;
  readonly submitOperations: number;
}

/** Drivers take no larger binding, whatever they say. */
const maxBindingBytes = 2 ** 31 - 4;

/** A row above this would be what the others wait for: it costs one workgroup about half a millisecond. */
const longRow = 16_384;

/**
 * A tenth of a second on a slow GPU. Drivers take a device away that is silent for some seconds, and
 * who waits for a batch wants to hear that it goes on.
 */
const submitOperations = 4e10;

/** The limits of a device, and what settings lower. */
export function programLimits(gpu: Gpu, settings: WgslSettings): ProgramLimits {
  const { limits, info, features } = gpu;
  const bindingBytes =
    settings.bindingBytes ??
    Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize, maxBindingBytes);
  const subgroups = settings.subgroups ?? true;
  return {
    // Whole quads.
    bindingBytes: bindingBytes - (bindingBytes % 16),
    workgroupBytes: settings.workgroupBytes ?? limits.maxComputeWorkgroupStorageSize,
    workgroups: settings.workgroups ?? limits.maxComputeWorkgroupsPerDimension,
    subgroupSize: subgroups && features.has('subgroups') ? (info.subgroupMinSize ?? 1) : 1,
    bindings: limits.maxStorageBuffersPerShaderStage,
    longRow: settings.longRow ?? longRow,
    // A processor gains nothing by either, and takes long to compile them.
    rows: settings.rows ?? (gpu.isSoftware ? 2 : 8),
    ahead: settings.ahead ?? (gpu.isSoftware ? 1 : 2),
    submitOperations: settings.submitOperations ?? submitOperations,
  };
}
