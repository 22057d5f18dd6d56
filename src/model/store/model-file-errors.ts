import { ModelFileError } from '../../errors.js';
import { fileFault } from '../../io/files/file-fault.js';

/** The error of a directory that holds something else than a whole model. */
export function foreign(path: string, found: string, options?: ErrorOptions): ModelFileError {
  return new ModelFileError(
    'ERR_MODEL_FORMAT',
    `found ${found} in ${path}; expected a model; try the directory that save() was given`,
    options,
  );
}

/** The error of a path where something else than a model lies. */
export function taken(path: string, found: string, cause?: unknown): ModelFileError {
  return new ModelFileError(
    'ERR_MODEL_TARGET',
    `found ${found} at ${path}; expected a model, an empty directory or nothing; ` +
      'try another path',
    { cause },
  );
}

/**
 * An error of reading a model, as a `SeesawError`; errors that are not about files stay as they
 * are.
 */
export function unreadableModel(path: string, cause: unknown): unknown {
  return ofFiles('ERR_MODEL_UNREADABLE', path, 'a model that can be read', cause);
}

/**
 * An error of writing a model, as a `SeesawError`; errors that are not about files stay as they
 * are.
 */
export function unwritableModel(path: string, cause: unknown): unknown {
  return ofFiles('ERR_MODEL_UNWRITABLE', path, 'a folder that can be written to', cause);
}

function ofFiles(
  code: ModelFileError['code'],
  path: string,
  expected: string,
  cause: unknown,
): unknown {
  const message = fileFault(cause, path, expected);
  return message === undefined ? cause : new ModelFileError(code, message, { cause });
}
