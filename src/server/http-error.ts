/** A request that is answered with an error. `code` is stable API. */
export class HttpError extends Error {
  override readonly name: string = 'HttpError';
  readonly statusCode: number;
  readonly code: string;
  /** Seconds after which to try again. */
  readonly retryAfter: number | undefined;

  constructor(statusCode: number, code: string, message: string, retryAfter?: number) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** More requests than the service takes on at a time. */
export class BusyError extends HttpError {
  override readonly name = 'BusyError';

  /** @param found what there is too much of */
  constructor(found: string) {
    super(503, 'ERR_BUSY', `found that ${found}; expected fewer; try again in a second`, 1);
  }
}
