import { existsSync } from 'node:fs';

/** Where Linux shows GPUs: any driver of its own, NVIDIA's, that of a Jetson, of WSL, of phones. */
const deviceFiles = [
  '/dev/dri',
  '/dev/nvidiactl',
  '/dev/nvhost-ctrl',
  '/dev/dxg',
  '/dev/kgsl-3d0',
  '/dev/mali0',
];

/**
 * Whether it is worth looking for a GPU that no option asks for. On Linux without a device file no
 * driver but one that computes on the processor can be there, and loading Dawn would take time and
 * write to standard error for nothing.
 */
export function maybeHasGpu(): boolean {
  return process.platform !== 'linux' || deviceFiles.some((file) => existsSync(file));
}
