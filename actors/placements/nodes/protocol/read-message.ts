import {
  type BlockSums,
  type BlockTask,
  type ErrorSums,
  kernelNames,
} from '../../../../src/kernels/kernel.js';
import type { Side } from '../../../../src/ratings/ratings.js';
import { InvalidMessageError } from '../../../errors.js';
import type { BlockResult } from '../../block-result.js';
import type { WireError } from '../../wire-error.js';
import { publicKeyPattern } from '../seal/agree-on-key.js';
import { decodeFrame } from '../transport/frame.js';
import { cleanLines, oneLine } from './clean-text.js';
import {
  booleanIn,
  decode,
  type Fields,
  fieldsIn,
  integerIn,
  listIn,
  numberIn,
  oneIn,
  textIn,
} from './fields.js';
import {
  type Fetch,
  type Hello,
  type NodeAnswer,
  type NodeCommand,
  protocolVersion,
  type Share,
  subjects,
} from './messages.js';
import type { Part } from './parts.js';
import { readShape } from './read-shape.js';

/*
 * Every message is rebuilt from the fields that are checked; other fields are dropped. All
 * functions throw `InvalidMessageError`.
 */

const sides: readonly Side[] = ['user', 'item'];

/** Text for people, as `oneLine` leaves it. */
const sentence = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{0,2000}$/su;
/** Only the owner of an inbox receives what is published there. */
const inboxSubject = /^_INBOX\.[\w.-]{1,160}$/;
const lines = /^[\s\S]{0,20000}$/;

/**
 * Reads a worker's hello. Of another protocol only names and versions are read.
 *
 * @param subject on which it came: it must be the worker's own
 */
export function readHello(payload: Uint8Array, subject: string): Hello {
  const from = decode(payload);
  const protocol = integerIn(from, 'protocol');
  const known = {
    type: oneIn(from, 'type', ['hello']),
    protocol,
    version: textIn(from, 'version'),
    worker: textIn(from, 'worker', /^[\w-]{1,80}$/),
    name: textIn(from, 'name', sentence),
    key: '',
  };
  if (protocol !== protocolVersion) {
    return { ...known, threads: 1, memory: 0, kernels: [], jobs: '', hasData: false, busy: 0 };
  }
  if (subjects.hello(known.worker) !== subject) {
    throw new InvalidMessageError(`worker ${known.worker} at ${subject}`, 'it at its own subject');
  }
  return {
    ...known,
    key: textIn(from, 'key', publicKeyPattern),
    threads: integerIn(from, 'threads', 1, 1024),
    memory: integerIn(from, 'memory'),
    kernels: kernelNames.filter((name) => listIn(from, 'kernels', 99).includes(name)),
    jobs: textIn(from, 'jobs', /^[\w*-]{1,80}$/),
    hasData: booleanIn(from, 'hasData'),
    busy: integerIn(from, 'busy'),
    ...(from.job !== undefined && { job: textIn(from, 'job') }),
  };
}

/** Reads a command. The host checks whether it fits the job. */
export function readCommand(payload: Uint8Array): NodeCommand {
  const from = decode(payload);
  const type = oneIn(from, 'type', ['join', 'load', 'read', 'solve', 'drop', 'leave']);
  const number = integerIn(from, 'number');
  switch (type) {
    case 'join': {
      const job = textIn(from, 'job', /^[\w-]{1,80}$/);
      const version = textIn(from, 'version');
      const key = textIn(from, 'key', publicKeyPattern);
      return { type, number, job, version, key, shape: readShape(fieldsIn(from, 'shape')) };
    }
    case 'load': {
      const digest = textIn(from, 'digest', /^[\w-]{43}=?$/);
      return { type, number, part: readPart(from), object: textIn(from, 'object'), digest };
    }
    case 'read':
      return { type, number, side: oneIn(from, 'side', sides), block: integerIn(from, 'block') };
    case 'solve':
      return { type, number, task: readTask(fieldsIn(from, 'task')) };
    case 'drop':
    case 'leave':
      return { type, number };
    default:
      return type satisfies never;
  }
}

function readPart(message: Fields): Part {
  const from = fieldsIn(message, 'part');
  const type = oneIn(from, 'type', ['rows', 'ratings']);
  const side = oneIn(from, 'side', sides);
  switch (type) {
    case 'rows':
      return { type, side };
    case 'ratings':
      return { type, side, block: integerIn(from, 'block') };
    default:
      return type satisfies never;
  }
}

function readTask(from: Fields): BlockTask {
  return {
    kind: oneIn(from, 'kind', ['solve', 'gram']),
    iteration: integerIn(from, 'iteration'),
    side: oneIn(from, 'side', sides),
    block: integerIn(from, 'block'),
  };
}

/** Reads a request for bytes, or for their publication. */
export function readFetch(payload: Uint8Array): Fetch | Share {
  const { message, body } = decodeFrame(payload);
  const from = decode(message);
  const type = oneIn(from, 'type', ['fetch', 'share']);
  const number = integerIn(from, 'number');
  if (type === 'share') {
    const [first, count] = [integerIn(from, 'first'), integerIn(from, 'count', 1)];
    const replyTo = textIn(from, 'replyTo', inboxSubject);
    return { type, number, first, count, replyTo, hiddenKeys: Uint8Array.from(body) };
  }
  return {
    type,
    number,
    at: integerIn(from, 'at'),
    bytes: integerIn(from, 'bytes', 1),
  };
}

/** Reads an answer. It keeps no reference to the payload. */
export function readAnswer(payload: Uint8Array): NodeAnswer {
  const { message, body } = decodeFrame(payload);
  const from = decode(message);
  const type = oneIn(from, 'type', [
    'joined',
    'loaded',
    'refused',
    'unloaded',
    'solved',
    'failed',
    'fault',
    'left',
  ]);
  if (type === 'left') return { type };
  if (type === 'fault') return { type, message: textIn(from, 'message', sentence) };
  const number = integerIn(from, 'number');
  switch (type) {
    case 'joined':
    case 'loaded':
      return { type, number };
    case 'refused':
    case 'unloaded':
      return { type, number, reason: textIn(from, 'reason', sentence) };
    case 'solved':
      return {
        ...{ type, number, result: readResult(fieldsIn(from, 'result')) },
        written: Uint8Array.from(body),
      };
    case 'failed':
      return { type, number, error: readError(fieldsIn(from, 'error')) };
    default:
      return type satisfies never;
  }
}

function readResult(from: Fields): BlockResult {
  const seconds = numberIn(from, 'seconds');
  if (seconds < 0) throw new InvalidMessageError(`${seconds} seconds`, 'a number ≥ 0');
  const where = textIn(from, 'where', sentence);
  const sums = readSums(fieldsIn(from, 'sums'));
  if (from.traffic === undefined) return { seconds, where, sums };
  const bytes = fieldsIn(from, 'traffic');
  const traffic = {
    uploadedBytes: integerIn(bytes, 'uploadedBytes'),
    readBackBytes: integerIn(bytes, 'readBackBytes'),
  };
  return { seconds, where, sums, traffic };
}

function readSums(from: Fields): BlockSums {
  const heldOut = readErrorSums(fieldsIn(from, 'heldOut'));
  return { ...readErrorSums(from), regularization: sumIn(from, 'regularization'), heldOut };
}

function readErrorSums(from: Fields): ErrorSums {
  return {
    squared: sumIn(from, 'squared'),
    absolute: sumIn(from, 'absolute'),
    squaredPreference: sumIn(from, 'squaredPreference'),
    loss: sumIn(from, 'loss'),
    squaredPrediction: sumIn(from, 'squaredPrediction'),
  };
}

/** JSON has no NaN: such a sum comes as null. */
function sumIn(from: Fields, name: string): number {
  return from[name] === null ? Number.NaN : numberIn(from, name);
}

function readError(from: Fields): WireError {
  const code = oneIn(from, 'code', [
    'ERR_SINGULAR_SYSTEM',
    'ERR_KERNEL_FAULT',
    'ERR_KERNEL_UNAVAILABLE',
    'ERR_MEMORY_LIMIT',
    'ERR_MEMORY_REFUSED',
    'ERR_STOPPED',
    'unknown',
  ]);
  switch (code) {
    case 'ERR_SINGULAR_SYSTEM': {
      const row = from.row === undefined ? undefined : integerIn(from, 'row');
      return { code, side: oneIn(from, 'side', sides), row };
    }
    case 'ERR_KERNEL_FAULT':
      return {
        code,
        kernel: oneIn(from, 'kernel', kernelNames),
        action: oneLine(textIn(from, 'action', lines)),
        reason: oneLine(textIn(from, 'reason', lines)),
        stack: stackIn(from),
      };
    case 'ERR_KERNEL_UNAVAILABLE':
      return { code, message: oneLine(textIn(from, 'message', lines)) };
    case 'ERR_MEMORY_LIMIT':
      return {
        code,
        neededBytes: integerIn(from, 'neededBytes'),
        limitBytes: integerIn(from, 'limitBytes'),
      };
    case 'ERR_MEMORY_REFUSED':
      return { code, neededBytes: integerIn(from, 'neededBytes') };
    case 'ERR_STOPPED':
      return { code };
    case 'unknown':
      return { code, message: oneLine(textIn(from, 'message', lines)), stack: stackIn(from) };
    default:
      return code satisfies never;
  }
}

function stackIn(from: Fields): string | undefined {
  return from.stack === undefined ? undefined : cleanLines(textIn(from, 'stack', lines));
}
