import type { BlockTask } from '../../../../src/kernels/kernel.js';
import { InvalidMessageError } from '../../../errors.js';
import { publicKeyPattern } from '../seal/agree-on-key.js';
import { decodeFrame } from '../transport/frame.js';
import {
  booleanIn,
  decode,
  type Fields,
  fieldsIn,
  integerIn,
  listIn,
  oneIn,
  sides,
  textIn,
} from './fields.js';
import type { JobData } from './job-data.js';
import type { Fetch, NodeCommand, Publish } from './messages.js';
import { readShape } from './read-shape.js';

/** Only the owner of an inbox receives what is published there. */
const inboxSubject = /^_INBOX\.[\w.-]{1,160}$/;

/** Reads a command. The host checks whether it fits the job. */
export function readCommand(payload: Uint8Array): NodeCommand {
  const from = decode(payload);
  const type = oneIn(from, 'type', ['join', 'hold', 'load', 'read', 'solve', 'drop', 'leave']);
  const number = integerIn(from, 'number');
  switch (type) {
    case 'join': {
      const job = textIn(from, 'job', /^[\w-]{1,80}$/);
      const version = textIn(from, 'version');
      const key = textIn(from, 'key', publicKeyPattern);
      const inParts = booleanIn(from, 'inParts');
      const shape = readShape(fieldsIn(from, 'shape'));
      return { type, number, job, version, key, shape, inParts };
    }
    case 'hold':
      return { type, number, side: oneIn(from, 'side', sides), blocks: readBlocks(from) };
    case 'load': {
      const digest = textIn(from, 'digest', /^[\w-]{43}=?$/);
      return { type, number, data: readData(from), object: textIn(from, 'object'), digest };
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

/** Numbers of distinct blocks, at least one. */
function readBlocks(from: Fields): number[] {
  const blocks = listIn(from, 'blocks', 1_024);
  const isRight = blocks.every((block) => Number.isInteger(block) && Number(block) >= 0);
  if (isRight && blocks.length > 0 && new Set(blocks).size === blocks.length) {
    return blocks as number[];
  }
  throw new InvalidMessageError(`${blocks.length} blocks`, 'distinct numbers of blocks');
}

function readData(message: Fields): JobData {
  const from = fieldsIn(message, 'data');
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
    kind: oneIn(from, 'kind', ['sketch', 'gram', 'solve']),
    iteration: integerIn(from, 'iteration', -1),
    side: oneIn(from, 'side', sides),
    block: integerIn(from, 'block'),
  };
}

/** Reads a request for bytes, or for their publication. */
export function readFetch(payload: Uint8Array): Fetch | Publish {
  const { message, body } = decodeFrame(payload);
  const from = decode(message);
  const type = oneIn(from, 'type', ['fetch', 'publish']);
  const number = integerIn(from, 'number');
  if (type === 'publish') {
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
