import { readFileSync } from 'node:fs';
import type { SharedMemory } from '../arena.js';
import { KernelUnavailableError } from '../errors.js';

/** Which WASM instructions a binary needs; `relaxed-simd` has fused multiply-add. */
export type WasmBuild = 'simd128' | 'relaxed-simd';

/** What the binaries export; addresses and sizes are bytes. See `assembly/index.ts`. */
export interface WasmExports {
  taskBytes(): number;
  conjugateGradientScratch(stride: number, batchRows: number, batchEntries: number): number;
  choleskyScratch(stride: number, nonnegative: number): number;
  subspaceScratch(stride: number, size: number, batchRows: number, batchEntries: number): number;
  conjugateGradient(task: number): number;
  cholesky(task: number): number;
  subspace(task: number): number;
  blockGram(task: number): void;
  packedBytes(itemCount: number, rank: number): number;
  packItems(items: number, rank: number, order: number, itemCount: number, packed: number): void;
  rankingScratch(rank: number, itemCount: number, batchUsers: number, capacity: number): number;
  rankUsers(task: number): number;
  rankScreened(task: number, kept: number): number;
  scorePanels(
    panels: number,
    panelCount: number,
    rank: number,
    users: number,
    out: number,
    outBytes: number,
  ): void;
}

const bytesOf: Partial<Record<WasmBuild, Uint8Array>> = {};
const moduleOf: Partial<Record<WasmBuild, WebAssembly.Module>> = {};

/** Whether this machine and engine run a build. Reads its binary at the first call. */
export function isSupported(build: WasmBuild): boolean {
  return WebAssembly.validate(read(build));
}

/** The fastest build that runs here. */
export function fastestBuild(): WasmBuild {
  return isSupported('relaxed-simd') ? 'relaxed-simd' : 'simd128';
}

/**
 * Binds a build to shared memory; compiled once a thread.
 * Throws `KernelUnavailableError` if the binary is missing or the engine lacks its instructions.
 */
export function instantiate(build: WasmBuild, memory: SharedMemory): WasmExports {
  if (!isSupported(build)) {
    throw new KernelUnavailableError(
      `found no support for the ${build} instructions of WebAssembly in Node ${process.version}; ` +
        "expected Node 20.19 or newer for simd128, 22 or newer for relaxed-simd; try kernel: 'auto'",
    );
  }
  moduleOf[build] ??= new WebAssembly.Module(read(build));
  const { exports } = new WebAssembly.Instance(moduleOf[build], { env: { memory } });
  // The binary is compiled from assembly/index.ts, whose exports these are.
  return exports as unknown as WasmExports;
}

function read(build: WasmBuild): Uint8Array {
  const url = new URL(`./als-${build}.wasm`, import.meta.url);
  try {
    bytesOf[build] ??= readFileSync(url);
    return bytesOf[build];
  } catch (cause) {
    throw new KernelUnavailableError(
      `found no WebAssembly kernel at ${url.pathname}; expected it beside the compiled code; ` +
        'try npm run build',
      { cause },
    );
  }
}
