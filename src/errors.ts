import type { SeesawErrorCode } from './error-codes.js';

/** Any error this package throws on purpose. `code` is stable API; `message` is for people. */
export abstract class SeesawError extends Error {
  abstract readonly code: SeesawErrorCode;
}

/** An option is unknown, has the wrong type or lies outside its range. */
export class InvalidOptionError extends SeesawError {
  override readonly name = 'InvalidOptionError';
  readonly code = 'ERR_INVALID_OPTION';
  readonly option: string;

  /**
   * @param message what was found, what was expected and what to try, if the option's value does
   * not say it
   */
  constructor(option: string, message: string);
  constructor(option: string, found: unknown, expected: string);
  constructor(option: string, found: unknown, expected?: string) {
    super(
      expected === undefined
        ? String(found)
        : `option ${option} is ${describe(found)}; expected ${expected}`,
    );
    this.option = option;
  }
}

/** A rating or its timestamp is NaN or infinite, or a rating negative where it must be ≥ 0. */
export class InvalidRatingError extends SeesawError {
  override readonly name = 'InvalidRatingError';
  readonly code = 'ERR_INVALID_RATING';

  constructor(found: string, expected: string, advice: string) {
    super(`found ${found}; expected ${expected}; ${advice}`);
  }
}

/** A row of the input names no user or no item, or an index outside the stated range. */
export class InvalidIdError extends SeesawError {
  override readonly name = 'InvalidIdError';
  readonly code = 'ERR_INVALID_ID';

  constructor(found: string, expected: string, advice: string) {
    super(`found ${found}; expected ${expected}; ${advice}`);
  }
}

/** The same user rated the same item twice and the duplicates policy is `error`. */
export class DuplicateRatingError extends SeesawError {
  override readonly name = 'DuplicateRatingError';
  readonly code = 'ERR_DUPLICATE_RATING';
  readonly duplicateCount: number;

  constructor(duplicateCount: number, example: string) {
    super(
      `found ${numbered(duplicateCount, 'rating')} of a pair that is already rated, for instance ${example}; ` +
        `expected each pair once; try duplicates: 'last', 'sum', 'max' or 'mean'`,
    );
    this.duplicateCount = duplicateCount;
  }
}

/** There is too little to learn from: no ratings, a single user or a single item. */
export class TooFewRatingsError extends SeesawError {
  override readonly name = 'TooFewRatingsError';
  readonly code = 'ERR_TOO_FEW_RATINGS';

  constructor(userCount: number, itemCount: number, count: number) {
    super(
      `found ${numbered(count, 'rating')} of ${numbered(itemCount, 'item')} by ` +
        `${numbered(userCount, 'user')}; ` +
        'expected at least one rating, two users and two items; check the columns and filters',
    );
  }
}

/**
 * A source could not be read: no such file, a directory, a FIFO or a device, no permission, no space for
 * what does not fit memory, values nested too deeply, an empty file, a broken query; on a worker also a
 * file outside its data folders, one that is not what the supervisor described, or one that killed the
 * process that read it.
 */
export class SourceError extends SeesawError {
  override readonly name = 'SourceError';
  readonly code:
    | 'ERR_FILE_NOT_FOUND'
    | 'ERR_IS_DIRECTORY'
    | 'ERR_NOT_A_FILE'
    | 'ERR_PERMISSION_DENIED'
    | 'ERR_NO_SPACE'
    | 'ERR_NESTED_TOO_DEEPLY'
    | 'ERR_READER_DIED'
    | 'ERR_EMPTY_FILE'
    | 'ERR_BAD_LINE'
    | 'ERR_UNREADABLE_SOURCE'
    | 'ERR_FORBIDDEN_SOURCE'
    | 'ERR_DIFFERENT_SOURCE';
  /** The file with the bad line, where one is known. */
  readonly file: string | undefined;
  /** Its number, from 1. */
  readonly line: number | undefined;

  constructor(
    code: SourceError['code'],
    message: string,
    {
      file,
      line,
      ...options
    }: ErrorOptions & { readonly file?: string; readonly line?: number } = {},
  ) {
    super(message, options);
    this.code = code;
    this.file = file;
    this.line = line;
  }
}

/** A column is not there, or does not hold what it should. */
export class ColumnError extends SeesawError {
  override readonly name = 'ColumnError';
  readonly code: 'ERR_COLUMN_NOT_FOUND' | 'ERR_COLUMN_TYPE';

  constructor(code: ColumnError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The normal equations of one row are not positive definite, so Cholesky stopped. Expected when
 * `regularization` is 0, or so small beside the other weights that rounding hides it.
 */
export class SingularSystemError extends SeesawError {
  override readonly name = 'SingularSystemError';
  readonly code = 'ERR_SINGULAR_SYSTEM';
  readonly side: 'user' | 'item';
  /** Row number inside the job; undefined for a row that was folded in. */
  readonly row: number | undefined;
  /** The caller's id; undefined for a row that was folded in, and where only rows are known. */
  readonly id: string | number | bigint | undefined;

  constructor(
    side: 'user' | 'item',
    row?: number,
    { id, ...options }: ErrorOptions & { readonly id?: string | number | bigint } = {},
  ) {
    const known = id !== undefined ? describe(id) : row !== undefined ? `row ${row}` : undefined;
    super(
      `normal equations of ${known === undefined ? `a folded-in ${side}` : `${side} ${known}`} are singular ` +
        'up to rounding; expected a positive definite matrix; try a larger regularization',
      options,
    );
    this.side = side;
    this.row = row;
    this.id = id;
  }
}

/**
 * Arithmetic of training or fold-in broke down: a factor or a sum is not finite, or the loss rose. The
 * message names what of the ratings and options is likely to be the cause.
 */
export class NumericalError extends SeesawError {
  override readonly name = 'NumericalError';
  readonly code = 'ERR_NUMERICAL';
  /** 1-based; undefined for rows that were solved without training. */
  readonly iteration: number | undefined;
  /** Whose rows were solved. */
  readonly side: 'user' | 'item';

  /** @param causes what to try, the likeliest first */
  constructor(
    side: 'user' | 'item',
    found: string,
    { iteration, causes }: { readonly iteration?: number; readonly causes: readonly string[] },
  ) {
    const when = iteration === undefined ? '' : ` in iteration ${iteration}`;
    super(
      `found ${found} after solving the ${side}s${when}; expected finite factors and a loss that ` +
        `does not rise; ${causes.join('; ')}`,
    );
    this.iteration = iteration;
    this.side = side;
  }
}

/** Ratings and factors do not fit the 4 GiB that WebAssembly can address, or, in parts, the machine. */
export class MemoryLimitError extends SeesawError {
  override readonly name = 'MemoryLimitError';
  readonly code = 'ERR_MEMORY_LIMIT';
  readonly neededBytes: number;
  readonly limitBytes: number;

  /**
   * @param advice what to try
   * @param limited what has the limit
   */
  constructor(
    neededBytes: number,
    limitBytes: number,
    advice = 'a lower rank or fewer ratings',
    limited = 'WebAssembly can address',
  ) {
    super(
      `needed ${mebibytes(neededBytes)} of shared memory; ${limited} ` +
        `${mebibytes(limitBytes)}; try ${advice}`,
    );
    this.neededBytes = neededBytes;
    this.limitBytes = limitBytes;
  }
}

/**
 * The system refused shared memory: no address space, no memory, or a limit of the container or of
 * `ulimit -v`. `cause` is what it said.
 */
export class MemoryRefusedError extends SeesawError {
  override readonly name = 'MemoryRefusedError';
  readonly code = 'ERR_MEMORY_REFUSED';
  readonly neededBytes: number;

  constructor(neededBytes: number, options?: ErrorOptions) {
    super(
      `the system refused ${mebibytes(neededBytes)} of shared memory; expected that much, and ` +
        '4 GiB of address space to reserve; try a higher limit (ulimit -v, container), fewer models ' +
        'and runs at a time, or a lower rank',
      options,
    );
    this.neededBytes = neededBytes;
  }
}

/** The ratings themselves are needed, but only workers have read them. */
export class MissingRatingsError extends SeesawError {
  override readonly name = 'MissingRatingsError';
  readonly code = 'ERR_MISSING_RATINGS';
}

/** The requested kernel cannot run here. */
export class KernelUnavailableError extends SeesawError {
  override readonly name = 'KernelUnavailableError';
  readonly code = 'ERR_KERNEL_UNAVAILABLE';
}

/**
 * A WebAssembly kernel stopped in the middle, as after an access outside its memory. That is a fault
 * of this package or of its input's memory, never of the data; `cause` is the engine's error.
 */
export class KernelFaultError extends SeesawError {
  override readonly name = 'KernelFaultError';
  readonly code = 'ERR_KERNEL_FAULT';
  /** Name of the kernel. */
  readonly kernel: string;
  /** The operation, such as `solve user block 3 of iteration 2 at rank 64`. */
  readonly action: string;
  /** The engine's error. */
  readonly reason: string;

  constructor(kernel: string, action: string, reason: string, options?: ErrorOptions) {
    super(
      `kernel ${kernel} stopped with "${reason}"; expected it to ${action}; ` +
        "try kernel: 'reference', and report this with the shape of your data",
      options,
    );
    this.kernel = kernel;
    this.action = action;
    this.reason = reason;
  }
}

/** An id that the model or the ratings do not know. */
export class UnknownIdError extends SeesawError {
  override readonly name = 'UnknownIdError';
  readonly code = 'ERR_UNKNOWN_ID';

  constructor(side: 'user' | 'item', id: unknown, known: string) {
    super(`${side} ${describe(id)} is unknown; expected one of ${known}`);
  }
}

/**
 * A model cannot be read (foreign, truncated, altered, or written by a newer version), or cannot be
 * saved: something else lies at its path, the operating system refuses, or it has factors that are
 * no numbers.
 */
export class ModelFileError extends SeesawError {
  override readonly name = 'ModelFileError';
  readonly code:
    | 'ERR_MODEL_NOT_FOUND'
    | 'ERR_MODEL_FORMAT'
    | 'ERR_MODEL_CHECKSUM'
    | 'ERR_MODEL_VERSION'
    | 'ERR_MODEL_TARGET'
    | 'ERR_MODEL_UNREADABLE'
    | 'ERR_MODEL_UNWRITABLE';

  constructor(code: ModelFileError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * A run cannot continue from a checkpoint: there is none, it is damaged, a newer version wrote it,
 * or it belongs to other ratings or options. Or a run cannot write its checkpoints to the given
 * path.
 */
export class CheckpointError extends SeesawError {
  override readonly name = 'CheckpointError';
  readonly code:
    | 'ERR_CHECKPOINT_NOT_FOUND'
    | 'ERR_CHECKPOINT_DAMAGED'
    | 'ERR_CHECKPOINT_VERSION'
    | 'ERR_CHECKPOINT_MISMATCH'
    | 'ERR_CHECKPOINT_IN_USE'
    | 'ERR_CHECKPOINT_TARGET'
    | 'ERR_CHECKPOINT_UNREADABLE'
    | 'ERR_CHECKPOINT_UNWRITABLE';
  /** With ERR_CHECKPOINT_MISMATCH and ERR_CHECKPOINT_IN_USE: names of the options that differ, or `ratings` and the like. */
  readonly differences: readonly string[];

  constructor(
    code: CheckpointError['code'],
    message: string,
    {
      differences = [],
      ...options
    }: ErrorOptions & { readonly differences?: readonly string[] } = {},
  ) {
    super(message, options);
    this.code = code;
    this.differences = differences;
  }
}

/** A GPU failed, or refused a job; WASM can run it. */
export class DeviceError extends SeesawError {
  override readonly name = 'DeviceError';
  readonly code = 'ERR_DEVICE';
}

/** Factors were requested after training had overwritten them. */
export class StaleFactorsError extends SeesawError {
  override readonly name = 'StaleFactorsError';
  readonly code = 'ERR_STALE_FACTORS';

  constructor(iteration: number) {
    super(
      `the factors of iteration ${iteration} are gone; expected model() to be called while its ` +
        'event is handled; try calling it inside the subscriber, or use the finished event',
    );
  }
}

/** A trial of a search ended without the figure that the search compares. */
export class MetricMissingError extends SeesawError {
  override readonly name = 'MetricMissingError';
  readonly code = 'ERR_METRIC_MISSING';

  constructor(metric: string, measured: readonly string[]) {
    super(
      `the trial measured ${measured.length > 0 ? measured.join(', ') : 'nothing'}; ` +
        `expected ${metric} as a number; try evaluate(…) with that k, ` +
        "withheld ratings, and for rmse and mae feedback: 'explicit'",
    );
  }
}

/** Every trial of a search failed; `cause` is how the first of them did. */
export class SearchFailedError extends SeesawError {
  override readonly name = 'SearchFailedError';
  readonly code = 'ERR_SEARCH_FAILED';

  constructor(trialCount: number, cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause);
    super(`all ${trialCount} trials failed; expected one to finish; the first: ${message}`, {
      cause,
    });
  }
}

/** Short, safe picture of any value for a message. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (Array.isArray(value) && value.length < 10) return `[${value.map(describe).join(', ')}]`;
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
  }
  if (typeof value === 'object' && value !== null) {
    const name = value.constructor?.name ?? 'object';
    return `${/^[AEIOaeio]/.test(name) ? 'an' : 'a'} ${name}`;
  }
  return String(value);
}

/** `1 rating`, `20 ratings` */
export function numbered(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Bytes for people: `7,062 MiB`. */
export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`;
}

/** A task ended early because its run was stopped. Seen inside only. */
export class StoppedError extends SeesawError {
  override readonly name = 'StoppedError';
  readonly code = 'ERR_STOPPED';

  constructor() {
    super('the run was stopped');
  }
}

/** A placement cannot start its workers, or has lost them. */
export class PlacementError extends SeesawError {
  override readonly name = 'PlacementError';
  readonly code = 'ERR_PLACEMENT';
}

/** What a placement answers for a task that comes after `close()`. */
export function closedError(): PlacementError {
  return new PlacementError('the placement is closed; expected tasks before close()');
}

/** The page of a training cannot be served, or there is no run to show. */
export class WatchError extends SeesawError {
  override readonly name = 'WatchError';
  readonly code = 'ERR_WATCH';
}
