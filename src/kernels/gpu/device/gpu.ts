/** Which device is wanted. */
export interface GpuRequest {
  /** Whether an adapter that computes on the processor will do. Default false. */
  readonly software?: boolean | undefined;
  /** Seconds in which the driver must answer. Default 30. */
  readonly deadline?: number | undefined;
}

/** The GPU of this process; all its users share it. */
export interface Gpu {
  readonly device: GPUDevice;
  /** For people: `NVIDIA H200`. */
  readonly name: string;
  /** Whether it computes on the processor. */
  readonly isSoftware: boolean;
  readonly info: GPUAdapterInfo;
  /** All that the adapter has. */
  readonly limits: GPUSupportedLimits;
  /** Of those that are asked for: `subgroups`, `timestamp-query`. */
  readonly features: ReadonlySet<string>;
  /**
   * Resolves with the reason when nothing that the device computes counts any more: it is lost, an
   * error was not handled, or it was given up. The next `openGpu` opens another.
   */
  readonly lost: Promise<string>;
  /** Gives the device up, for instance because it is silent. What is under way on it is not awaited. */
  giveUp(reason: string): void;
}
