import { fileFault } from '../../io/files/file-fault.js';
import { InteractionLogError } from '../service-errors.js';

/** The error of the operating system as one of a log; any other error stays as it is. */
export function logFault(
  code: 'ERR_LOG_UNREADABLE' | 'ERR_LOG_UNWRITABLE',
  path: string,
  cause: unknown,
): unknown {
  const expected =
    code === 'ERR_LOG_UNREADABLE'
      ? 'a folder of logs that can be read'
      : 'a folder of logs that can be written to';
  const message = fileFault(cause, path, expected);
  return message === undefined ? cause : new InteractionLogError(code, message, { cause });
}
