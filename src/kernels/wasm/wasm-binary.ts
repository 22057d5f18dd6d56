import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { SharedMemory } from '../../arena.js';
import { KernelFaultError, KernelUnavailableError } from '../../errors.js';

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
  sketch(task: number): number;
  blockGram(task: number): void;
  packedBytes(itemCount: number, rank: number): number;
  packItems(items: number, rank: number, order: number, itemCount: number, packed: number): void;
  rankingScratch(rank: number, itemCount: number, batchUsers: number, capacity: number): number;
  rankUsers(task: number): number;
  rankScreened(task: number, kept: number): number;
  packPanels(items: number, first: number, end: number, scratch: number): void;
  searchScratch(items: number, count: number): number;
  searchItems(items: number, searches: number, searchCount: number): void;
  scorePanels(
    panels: number,
    panelCount: number,
    rank: number,
    users: number,
    out: number,
    outBytes: number,
  ): void;
  addProduct(
    a: number,
    aRow: number,
    aStep: number,
    b: number,
    bRow: number,
    c: number,
    cRow: number,
    rows: number,
    depth: number,
    columns: number,
  ): void;
}

/** By address of the binary. */
const bytesOf = new Map<string, Uint8Array>();
const moduleOf = new Map<Uint8Array, WebAssembly.Module>();
const isValid = new Map<Uint8Array, boolean>();

/** Whether this machine and engine run a build. Reads and validates its binary at the first call. */
export function isSupported(build: WasmBuild): boolean {
  const bytes = read(build);
  const isKnown = isValid.get(bytes);
  if (isKnown !== undefined) return isKnown;
  const found = WebAssembly.validate(bytes);
  isValid.set(bytes, found);
  return found;
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
  try {
    const bytes = read(build);
    const module = moduleOf.get(bytes) ?? new WebAssembly.Module(bytes);
    moduleOf.set(bytes, module);
    const env = { memory, abort: failedAssertion(memory) };
    const { exports } = new WebAssembly.Instance(module, { env });
    // The binary is compiled from assembly/index.ts, whose exports these are.
    return exports as unknown as WasmExports;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KernelUnavailableError(
      `the engine does not start the ${build} kernel: ${reason}; expected it to; ` +
        "try kernel: 'reference'",
      { cause },
    );
  }
}

/**
 * Runs WebAssembly; a trap becomes a `KernelFaultError`, what else is thrown passes through.
 *
 * @param action what the kernel is to do, for people: `solve user block 3`
 */
export function reportTraps<Result>(build: WasmBuild, action: string, run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    // A stack that overflows is a RangeError.
    if (!(cause instanceof WebAssembly.RuntimeError || cause instanceof RangeError)) throw cause;
    throw new KernelFaultError(`wasm-${build}`, action, cause.message, { cause });
  }
}

/** Debug builds call it, with strings of UTF-16 whose size in bytes comes before them. */
function failedAssertion(memory: SharedMemory) {
  const textAt = (address: number): string => {
    const bytes = new DataView(memory.buffer).getUint32(address - 4, true);
    const copy = new Uint8Array(memory.buffer, address, bytes).slice();
    return new TextDecoder('utf-16le').decode(copy);
  };
  return (message: number, file: number, line: number): never => {
    throw new WebAssembly.RuntimeError(
      `assertion failed: ${message === 0 ? '' : `${textAt(message)} `}(${textAt(file)}:${line})`,
    );
  };
}

/**
 * Where the binaries are: beside this file, or in the folder that SEESAW_KERNELS names, which tests
 * use to run debug builds.
 */
function folderOfBinaries(): URL {
  const folder = process.env.SEESAW_KERNELS;
  return folder ? pathToFileURL(`${folder}/`) : new URL('.', import.meta.url);
}

function read(build: WasmBuild): Uint8Array {
  const url = new URL(`als-${build}.wasm`, folderOfBinaries());
  try {
    const bytes = bytesOf.get(url.href) ?? readFileSync(url);
    bytesOf.set(url.href, bytes);
    return bytes;
  } catch (cause) {
    throw new KernelUnavailableError(
      `found no WebAssembly kernel at ${url.pathname}; expected it beside the compiled code; ` +
        'try npm run build',
      { cause },
    );
  }
}
