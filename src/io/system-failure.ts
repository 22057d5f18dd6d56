import { tmpdir } from 'node:os';
import { SourceError } from '../errors.js';

/** What the operating system says, by Node's codes and by the words that DuckDB passes on. */
const failures: readonly {
  readonly pattern: RegExp;
  readonly code: SourceError['code'];
  readonly text: (name: string) => string;
}[] = [
  {
    pattern: /^E(ACCES|PERM)$|permission denied|operation not permitted/i,
    code: 'ERR_PERMISSION_DENIED',
    text: (name) =>
      `found ${name} closed to this user; expected permission to read it; ` +
      'try chmod, or a user who may',
  },
  {
    pattern: /^ENAMETOOLONG$|file ?name too long/i,
    code: 'ERR_FILE_NOT_FOUND',
    text: (name) =>
      `found a path of ${name.length} characters, too long for a file; expected one that exists; ` +
      'check the path',
  },
  {
    pattern: /^ELOOP$|too many levels of symbolic links/i,
    code: 'ERR_FILE_NOT_FOUND',
    text: (name) => `found ${name} to be a circle of links; expected a file; check where they lead`,
  },
  {
    pattern: /^E(NOSPC|DQUOT)$|no space left|quota exceeded/i,
    code: 'ERR_NO_SPACE',
    text: (name) =>
      `found no space left in ${tmpdir()} while reading ${name}; expected room for what does not ` +
      'fit memory; free some, or set TMPDIR to a larger disk',
  },
  {
    pattern: /^EROFS$|read-only file system|out of memory error/i,
    code: 'ERR_NO_SPACE',
    text: (name) =>
      `found too little memory for ${name}, and no room to write in ${tmpdir()}; expected one of ` +
      'the two; try TMPDIR with a folder on a disk that takes files',
  },
  {
    pattern: /^E(MFILE|NFILE)$|too many open files/i,
    code: 'ERR_UNREADABLE_SOURCE',
    text: (name) =>
      `found too many open files while reading ${name}; expected fewer; try ulimit -n, or fewer files`,
  },
];

/** This package's error for a refusal of the operating system, or nothing for other errors. */
export function systemRefusal(name: string, cause: unknown): SourceError | undefined {
  const { code, message } = cause as NodeJS.ErrnoException;
  const failure = failures.find(({ pattern }) =>
    typeof code === 'string' && code.startsWith('E')
      ? pattern.test(code)
      : isOfSystem(message) && pattern.test(message),
  );
  return failure && new SourceError(failure.code, failure.text(name), { cause });
}

/** This package's error for a failed call to the operating system. */
export function systemFailure(name: string, cause: unknown): SourceError {
  return (
    systemRefusal(name, cause) ??
    new SourceError(
      'ERR_UNREADABLE_SOURCE',
      `found ${name} unreadable: ${cause instanceof Error ? cause.message : String(cause)}; ` +
        'expected a file that can be read; check the disk that it is on',
      { cause },
    )
  );
}

/** Other messages of DuckDB's quote what stands in the file. */
function isOfSystem(message: string): boolean {
  return /^(IO|Out of Memory) Error/.test(message);
}
