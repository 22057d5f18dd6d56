import { SeesawError } from '../../errors.js';

const elsewhere = 'another path';

const known: Readonly<Record<string, readonly [found: string, advice: string]>> = {
  EACCES: ['no permission', `to change its permissions, or ${elsewhere}`],
  EPERM: ['no permission', `to change its permissions, or ${elsewhere}`],
  EROFS: ['a file system that is read-only', elsewhere],
  ENOSPC: ['no space left on the disk', `to free some space, or ${elsewhere}`],
  EDQUOT: ['a quota that is used up', `to free some space, or ${elsewhere}`],
  EFBIG: ['a file larger than the file system allows', elsewhere],
  ENAMETOOLONG: ['a name that is too long', 'a shorter one'],
  ENOENT: ['no such file or folder', elsewhere],
  ENOTDIR: ['a file on the way to it', elsewhere],
  EISDIR: ['a folder in the place of a file', elsewhere],
  EEXIST: ['something in its place already', elsewhere],
  ELOOP: ['a link that leads nowhere', elsewhere],
  EMFILE: ['too many open files', "'ulimit -n' to allow more"],
  ENFILE: ['too many open files on this machine', 'again later'],
  EIO: ['a fault of the disk', elsewhere],
  ERR_INVALID_ARG_VALUE: ['a NUL character in the path', 'a path without it'],
};

/** What DuckDB says of a file that it cannot write. */
const words: readonly (readonly [RegExp, string])[] = [
  [/no space left/i, 'ENOSPC'],
  [/quota exceeded/i, 'EDQUOT'],
  [/permission denied/i, 'EACCES'],
  [/read-only file system/i, 'EROFS'],
  [/no such file/i, 'ENOENT'],
  [/too many open files/i, 'EMFILE'],
];

/**
 * The message of an error of the operating system, of Node, or of DuckDB that writes, about a file or a folder: what was
 * found, what was expected, what to try. Undefined for any other error.
 *
 * @param expected `a folder that can be written to`
 */
export function fileFault(error: unknown, path: string, expected: string): string | undefined {
  if (!(error instanceof Error) || error instanceof SeesawError) return undefined;
  const { code = codeInWords(error), syscall } = error as NodeJS.ErrnoException;
  if (code === undefined) return undefined;
  const told = known[code];
  if (told === undefined && syscall === undefined) return undefined;
  const [found, advice] = told ?? [error.message, elsewhere];
  return `found ${found} (${code}) at ${path}; expected ${expected}; try ${advice}`;
}

function codeInWords({ message }: Error): string | undefined {
  if (!message.startsWith('IO Error')) return undefined;
  return words.find(([pattern]) => pattern.test(message))?.[1];
}
