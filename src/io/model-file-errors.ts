import { ModelFileError } from '../errors.js';
import { fileFault } from './files/file-fault.js';

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

/** What reading a model threw, as a `SeesawError`; an error that is no fault of files as it is. */
export function unreadable(path: string, cause: unknown): unknown {
  return ofFiles('ERR_MODEL_UNREADABLE', path, 'a model that can be read', cause);
}

/** What writing a model threw, as a `SeesawError`; an error that is no fault of files as it is. */
export function unwritable(path: string, cause: unknown): unknown {
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
