import type { BlockSums, ErrorSums } from '../../../../src/kernels/kernel.js';
import { kernelNames } from '../../../../src/kernels/kernel-names.js';
import { InvalidMessageError } from '../../../errors.js';
import type { BlockResult } from '../../block-result.js';
import type { WireError } from '../../wire-error.js';
import { decodeFrame } from '../transport/frame.js';
import { cleanLines, oneLine } from './clean-text.js';
import {
  decode,
  type Fields,
  fieldsIn,
  integerIn,
  numberIn,
  oneIn,
  sentence,
  sides,
  textIn,
} from './fields.js';
import type { NodeAnswer } from './messages.js';

const lines = /^[\s\S]{0,20000}$/;

/** Reads an answer. It keeps no reference to the payload. */
export function readAnswer(payload: Uint8Array): NodeAnswer {
  const { message, body } = decodeFrame(payload);
  const from = decode(message);
  const type = oneIn(from, 'type', [
    'joined',
    'loaded',
    'read',
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
    case 'read':
      return { type, number, needed: Uint8Array.from(body) };
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
  const ranOn = textIn(from, 'ranOn', sentence);
  const sums = readSums(fieldsIn(from, 'sums'));
  if (from.traffic === undefined) return { seconds, ranOn, sums };
  const bytes = fieldsIn(from, 'traffic');
  const traffic = {
    uploadedBytes: integerIn(bytes, 'uploadedBytes'),
    readBackBytes: integerIn(bytes, 'readBackBytes'),
  };
  return { seconds, ranOn, sums, traffic };
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
