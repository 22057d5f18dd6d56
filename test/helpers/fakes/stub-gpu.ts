type AdapterParts = Omit<Partial<GPUAdapter>, 'info' | 'limits' | 'features'> & {
  readonly info?: Partial<GPUAdapterInfo>;
  readonly limits?: Partial<Record<keyof GPUSupportedLimits, number>>;
  readonly features?: readonly string[];
};

/** An entry point of WebGPU that gives the adapters of a test. */
export function stubEntry(requestAdapter: () => Promise<GPUAdapter | null>): GPU {
  // What the code under test calls; no more is needed of it.
  return { requestAdapter } as unknown as GPU;
}

/** An adapter with what a test gives it. */
export function stubAdapter({ info, limits, features = [], ...more }: AdapterParts): GPUAdapter {
  const known = { vendor: 'a vendor', architecture: 'an architecture', device: 'a GPU' };
  return {
    info: { description: '', isFallbackAdapter: false, ...known, ...info },
    limits: { ...limits },
    features: new Set(features),
    ...more,
    // As above.
  } as unknown as GPUAdapter;
}
