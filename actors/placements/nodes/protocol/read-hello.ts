import { kernelNames } from '../../../../src/kernels/kernel-names.js';
import { InvalidMessageError } from '../../../errors.js';
import { publicKeyPattern } from '../seal/agree-on-key.js';
import { booleanIn, decode, integerIn, listIn, oneIn, sentence, textIn } from './fields.js';
import { type Hello, protocolVersion, subjects } from './messages.js';

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
