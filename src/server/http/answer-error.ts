import {
  InvalidIdError,
  InvalidOptionError,
  InvalidRatingError,
  MissingRatingsError,
  ModelFileError,
  NumericalError,
  SeesawError,
  SingularSystemError,
  UnknownIdError,
} from '../../errors.js';
import { HttpError } from '../http-error.js';
import { InteractionLogError, ServiceError } from '../service-errors.js';
import { describeInvalid, type InvalidRequest } from './invalid-request.js';

/** What a client gets for an error. */
export interface AnsweredError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
}

/** Fields that Fastify and its plugins set. */
interface FrameworkError {
  readonly statusCode?: number;
  readonly code?: string;
  readonly validation?: InvalidRequest['validation'];
  readonly validationContext?: string;
  readonly message?: string;
}

const statuses: readonly (readonly [new (...args: never) => SeesawError, number])[] = [
  [UnknownIdError, 404],
  [InvalidOptionError, 400],
  [InvalidIdError, 400],
  [InvalidRatingError, 400],
  [MissingRatingsError, 409],
  [ServiceError, 409],
  [SingularSystemError, 422],
  [NumericalError, 422],
  [ModelFileError, 422],
];

/** Codes of Fastify for which there is a plainer one. */
const codes: Readonly<Record<number, string>> = {
  400: 'ERR_INVALID_REQUEST',
  404: 'ERR_NOT_FOUND',
  408: 'ERR_TIMEOUT',
  413: 'ERR_TOO_LARGE',
  414: 'ERR_TOO_LARGE',
  415: 'ERR_CONTENT_TYPE',
  429: 'ERR_TOO_MANY_REQUESTS',
  431: 'ERR_TOO_LARGE',
  503: 'ERR_BUSY',
};

/** Words for what Fastify has a name for only, or repeats the whole address for; by its code or status. */
const plainer: Readonly<Record<string, string>> = {
  FST_ERR_BAD_URL:
    'found an address with a % that begins no character of UTF-8; expected ids encoded; ' +
    'try encodeURIComponent(id)',
  414: 'found a part of the address that is too long; expected a shorter one; put ids into a body',
  415:
    'found a body of another type; expected JSON with the header content-type: application/json; ' +
    "try curl with -H 'content-type: application/json'",
};

/** The answer for an error. A fault of the service itself gets no details. */
export function answerFor(error: unknown): AnsweredError {
  if (error instanceof HttpError) {
    const { statusCode: status, code, message, retryAfter } = error;
    return { status, code, message, retryAfter };
  }
  if (error instanceof InteractionLogError) {
    const message =
      'found that interactions cannot be kept; expected to keep them; try again later';
    return { status: 503, code: error.code, message, retryAfter: 5 };
  }
  if (error instanceof SeesawError) {
    const status = statuses.find(([kind]) => error instanceof kind)?.[1] ?? 500;
    if (status < 500) return { status, code: error.code, message: error.message };
  }
  const found = asFrameworkError(error);
  const { statusCode = 500, code: name = '', message = '', validation } = found;
  if (validation !== undefined) {
    return { status: 400, code: codes[400]!, message: describeInvalid({ ...found, validation }) };
  }
  if (statusCode >= 400 && statusCode < 500) {
    const code = codes[statusCode] ?? 'ERR_INVALID_REQUEST';
    return { status: statusCode, code, message: plainer[name] ?? plainer[statusCode] ?? message };
  }
  return {
    status: 500,
    code: 'ERR_INTERNAL',
    message: 'found a fault of the service; its log has more under this request id',
  };
}

function asFrameworkError(error: unknown): FrameworkError {
  return typeof error === 'object' && error !== null ? error : {};
}
