import fc from 'fast-check';
import { protocolVersion } from '../../../actors/placements/nodes/protocol/messages.js';
import { shapeOf } from '../../../src/kernels/lay-out-job.js';
import { chooseKernel } from '../../../src/kernels/select/choose-kernel.js';
import { packageVersion } from '../../../src/version.js';
import { openJob, randomRatings } from './jobs.js';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const { job } = openJob(
  chooseKernel('auto'),
  randomRatings({ users: 12, items: 9, density: 0.4 }),
  {
    rank: 6,
    blocks: 3,
  },
);
const errors = { squared: 1, absolute: 1, squaredPreference: 1, loss: 1, squaredPrediction: 1 };

/** One message of every kind, as they travel. */
export const rightMessages: readonly object[] = [
  {
    ...{ type: 'hello', protocol: protocolVersion, version: packageVersion },
    ...{ worker: 'alpha-1', name: 'alpha', key: 'k'.repeat(43), threads: 2, memory: 1e9 },
    ...{ kernels: ['reference', 'wasm-simd128'], jobs: '*', hasData: false, busy: 0 },
  },
  {
    type: 'join',
    inParts: false,
    number: 1,
    job: 'job-1a',
    version: packageVersion,
    key: 'k'.repeat(43),
    shape: shapeOf(job.layout),
  },
  {
    type: 'load',
    number: 2,
    data: { type: 'ratings', side: 'item', block: 1 },
    object: 'o.1',
    digest: 'd'.repeat(43),
  },
  { type: 'load', number: 3, data: { type: 'factors', side: 'user', generation: 4 }, object: 'o' },
  {
    ...{ type: 'solve', number: 3 },
    task: { kind: 'solve', iteration: 1, side: 'user', block: 0 },
  },
  { type: 'leave', number: 4 },
  { type: 'joined', number: 1 },
  { type: 'refused', number: 1, reason: 'it has no memory' },
  {
    ...{ type: 'solved', number: 1 },
    result: {
      ...{ seconds: 1, ranOn: 'thread 1' },
      sums: { ...errors, regularization: 1, heldOut: errors },
    },
  },
  { type: 'failed', number: 1, error: { code: 'ERR_SINGULAR_SYSTEM', side: 'user', row: 3 } },
  { type: 'failed', number: 1, error: { code: 'ERR_MEMORY_LIMIT', neededBytes: 9, limitBytes: 8 } },
  {
    type: 'failed',
    number: 1,
    error: {
      code: 'ERR_KERNEL_FAULT',
      kernel: 'wasm-simd128',
      action: 'solve user block 3',
      reason: 'unreachable',
      stack: 'KernelFaultError: at',
    },
  },
  { type: 'failed', number: 1, error: { code: 'unknown', message: 'no', stack: 'there' } },
  { type: 'left' },
];

/** What stands where something else should. */
const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(
    ...[null, true, 0, -1, 0.5, 1e308, -1e308, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 + 2],
    ...['', '..', 'a.>', '*', '__proto__', 'constructor', '\u0000', '\u202e', 'x'.repeat(3000)],
    ...[[], {}, ['user'], Array(2000).fill(0), { type: 'user' }],
  ),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
);

type Change = readonly [at: number, value: Json, kind: string];

const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.tuple(fc.nat(), odd, fc.constantFrom('replace', 'remove', 'add')),
  { minLength: 1, maxLength: 3 },
);

/** So many ways to change one to three fields of a message: replaced, removed or added. */
export function twists(seed: number, count: number): ((message: object) => Uint8Array)[] {
  return fc
    .sample(changes, { seed, numRuns: count })
    .map((some) => (message) => twist(message, some));
}

function twist(message: object, some: readonly Change[]): Uint8Array {
  const copy: Json = JSON.parse(JSON.stringify(message));
  for (const [at, value, kind] of some) {
    const places = fieldsOf(copy);
    const place = places[at % places.length];
    if (place === undefined) continue;
    const name = kind === 'add' ? `${place.name}s` : place.name;
    if (kind === 'remove' && !Array.isArray(place.owner)) delete place.owner[name];
    // A copy: it may be changed by the next.
    else place.owner[name] = structuredClone(value);
  }
  return bytes(JSON.stringify(copy));
}

const twisted: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.constantFrom(...rightMessages), changes)
  .map(([message, some]) => twist(message, some));

/** A right message with a few of its bytes changed, or cut off. */
const torn: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.constantFrom(...rightMessages),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
    fc.nat(),
  )
  .map(([message, places, end]) => {
    const copy = bytes(JSON.stringify(message));
    for (const [at, value] of places) copy[at % copy.length] = value;
    return places.length > 0 ? copy : copy.subarray(0, end % copy.length);
  });

/** Messages that no program of this version sends, and some that are right by chance. */
export const damagedMessages: fc.Arbitrary<Uint8Array> = fc.oneof(
  { arbitrary: twisted, weight: 60 },
  { arbitrary: torn, weight: 20 },
  { arbitrary: fc.uint8Array({ maxLength: 200 }), weight: 1 },
  { arbitrary: fc.json().map(bytes), weight: 1 },
  { arbitrary: fc.constant(bytes(`${'{"shape":['.repeat(20_000)}`)), weight: 1 },
  { arbitrary: fc.constant(bytes(`{"type":${'['.repeat(5_000)}${']'.repeat(5_000)}}`)), weight: 1 },
);

interface Place {
  readonly owner: { [name: string]: Json };
  readonly name: string;
}

/** Every field of a value, those of fields included. */
function fieldsOf(value: Json): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  // A list has its indices for names.
  const owner = value as { [name: string]: Json };
  return Object.keys(owner).flatMap((name) => [{ owner, name }, ...fieldsOf(owner[name]!)]);
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
