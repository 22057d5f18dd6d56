import { stat, writeFile } from 'node:fs/promises';
import { fileFault } from '../io/files/file-fault.js';
import { replaceFile } from '../io/files/replace-file.js';
import { withToken } from '../io/files/writer-token.js';

/**
 * Writes a text as a file, as a whole: what lay there stays if it fails. Devices and pipes are written to.
 * Throws an error that says what to try.
 */
export async function writeOutput(file: string, text: string): Promise<void> {
  try {
    const stats = await stat(file).catch(() => undefined);
    if (stats === undefined || stats.isFile()) {
      await withToken((token) => replaceFile(file, text, token));
    } else await writeFile(file, text);
  } catch (cause) {
    throw outputFault(cause, file);
  }
}

/** Why a file cannot be written and what to try, where the operating system says it; else the cause. */
export function outputFault(cause: unknown, file: string): unknown {
  const fault = fileFault(cause, file, 'a file that can be written');
  return fault === undefined ? cause : new Error(fault, { cause });
}
