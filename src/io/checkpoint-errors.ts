import { CheckpointError } from '../errors.js';
import { fileFault } from './files/file-fault.js';
import { NotAFileError } from './files/regular-file.js';

/** The error of a checkpoint that was cut or changed. */
export function damagedCheckpoint(
  path: string,
  found: string,
  options?: ErrorOptions,
): CheckpointError {
  return new CheckpointError(
    'ERR_CHECKPOINT_DAMAGED',
    `found ${found} in ${path}; expected a checkpoint as it was written; ` +
      'try an older one, by deleting it, or a directory to begin anew',
    options,
  );
}

/** An error of reading a checkpoint's file, as a `CheckpointError` if it is about files. */
export function notReadable(path: string, cause: unknown): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return damagedCheckpoint(path, 'no file', { cause });
  if (cause instanceof NotAFileError) return damagedCheckpoint(path, `${cause.found},`, { cause });
  if (cause instanceof RangeError) return damagedCheckpoint(path, cause.message, { cause });
  return unreadableCheckpoint(path, cause);
}

/**
 * An error of reading, as a `CheckpointError`; errors that are not about files stay as they are.
 */
export function unreadableCheckpoint(path: string, cause: unknown): unknown {
  return ofFiles('ERR_CHECKPOINT_UNREADABLE', path, 'checkpoints that can be read', cause);
}

/**
 * An error of writing, as a `CheckpointError`; errors that are not about files stay as they are.
 */
export function unwritableCheckpoint(path: string, cause: unknown): unknown {
  return ofFiles('ERR_CHECKPOINT_UNWRITABLE', path, 'a folder that can be written to', cause);
}

/** An error of files as a `CheckpointError`. */
function ofFiles(
  code: CheckpointError['code'],
  path: string,
  expected: string,
  cause: unknown,
): unknown {
  const message = fileFault(cause, path, expected);
  return message === undefined ? cause : new CheckpointError(code, message, { cause });
}
