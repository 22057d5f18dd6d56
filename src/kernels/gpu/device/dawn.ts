import { KernelUnavailableError } from '../../../errors.js';

/** The line that installs what a GPU needs. */
export const installLine = 'npm install webgpu@0.6 gpu.js@2.24';

/**
 * Dawn aborts the process if the object that `create` returns is collected while a device lives, so
 * this module holds it for as long as the process runs.
 */
let dawn: Promise<GPU> | undefined;

/**
 * Dawn, loaded when first asked for; see the package `webgpu`. Its drivers come from the Vulkan
 * loader (`VK_DRIVER_FILES`).
 *
 * Dawn writes warnings of its own to standard error, and has no way to turn them off.
 *
 * Rejects with `KernelUnavailableError` if the package is not there or its native part does not load.
 */
export function loadDawn(): Promise<GPU> {
  dawn ??= load();
  return dawn;
}

async function load(): Promise<GPU> {
  try {
    const { create } = await import('webgpu');
    // Rounding times to 65 µs keeps web pages from telling each other apart.
    return create(['disable-dawn-features=timestamp_quantization']);
  } catch (cause) {
    dawn = undefined;
    throw unavailable('webgpu', cause);
  }
}

/** The error of a package that a GPU needs and that does not load. */
export function unavailable(name: string, cause: unknown): KernelUnavailableError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  const found = code === 'ERR_MODULE_NOT_FOUND' ? 'is not installed' : `does not load: ${reason}`;
  return new KernelUnavailableError(
    `package ${name} ${found}; expected it for a GPU; try ${installLine}, or kernel: 'wasm'`,
    { cause },
  );
}
