import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import type { ExecutionContext } from 'ava';
import { scratchFolder } from '../builders/scratch-folder.js';

/** Kernels that lay jobs out and stop, as after an access outside the memory, once they are to run. */
const source = `
  export function taskBytes(): usize { return 256; }
  export function conjugateGradientScratch(): usize { return 4096; }
  export function choleskyScratch(): usize { return 4096; }
  export function subspaceScratch(): usize { return 4096; }
  export function rankingScratch(): usize { return 4096; }
  export function packedBytes(): usize { return 4096; }
  export function packItems(): void {}
  export function conjugateGradient(): i32 { return outside(); }
  export function cholesky(): i32 { return outside(); }
  export function subspace(): i32 { return outside(); }
  export function sketch(): i32 { return outside(); }
  export function blockGram(): void {}
  export function rankUsers(): i32 { return outside(); }
  export function rankScreened(): i32 { return outside(); }
  export function scorePanels(): void { outside(); }
  function outside(): i32 { return load<i32>(0xfffffffc); }
`;

/** Replaces the kernels of this process and of its threads, until the test ends. */
export async function useTrappingKernels(t: ExecutionContext): Promise<void> {
  const folder = await scratchFolder(t);
  const text = ['--importMemory', '--sharedMemory', '--initialMemory', '1'];
  const common = [...text, '--maximumMemory', '65536', '--enable', 'threads', '--runtime', 'stub'];
  for (const build of ['simd128', 'relaxed-simd']) {
    const out = join(folder, `als-${build}.wasm`);
    const { error } = await asc.main(['source.ts', '--noAssert', '--outFile', out, ...common], {
      readFile: (name) => (name === 'source.ts' ? source : null),
      listFiles: () => [],
    });
    if (error) throw error;
  }
  process.env.SEESAW_KERNELS = folder;
  t.teardown(() => {
    delete process.env.SEESAW_KERNELS;
  });
}
