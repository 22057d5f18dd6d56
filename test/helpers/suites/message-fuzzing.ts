import type { ExecutionContext } from 'ava';
import fc from 'fast-check';
import { InvalidMessageError } from '../../../actors/errors.js';
import { encode, subjects } from '../../../actors/placements/nodes/protocol/messages.js';
import { readAnswer } from '../../../actors/placements/nodes/protocol/read-answer.js';
import { readCommand } from '../../../actors/placements/nodes/protocol/read-command.js';
import { readHello } from '../../../actors/placements/nodes/protocol/read-hello.js';
import { damagedMessages } from '../builders/damaged-messages.js';

type Reader = (payload: Uint8Array) => object;

const readers: readonly Reader[] = [
  (payload) => readHello(payload, subjects.hello('alpha-1')),
  readCommand,
  readAnswer,
];

/** Reads damaged messages: each is refused with its error, or is one that would be read as it is. */
export function fuzzMessages(t: ExecutionContext, numRuns: number): void {
  let refused = 0;
  let taken = 0;
  fc.assert(
    fc.property(damagedMessages, (payload) => {
      for (const read of readers) {
        const found = readOr(read, payload);
        if (found instanceof InvalidMessageError) {
          refused++;
          t.true(found.message.length < 6_000);
        } else {
          taken++;
          // JSON has neither undefined nor NaN.
          const again = read(encode(found));
          t.deepEqual(encode(again), encode(found));
        }
      }
    }),
    { seed: 5, numRuns },
  );
  // Both happen, so that neither is all that is tested.
  t.true(refused > numRuns && taken > numRuns / 20, `${refused} refused, ${taken} taken`);
}

function readOr(read: Reader, payload: Uint8Array): object {
  try {
    return read(payload);
  } catch (error) {
    if (error instanceof InvalidMessageError) return error;
    throw error;
  }
}
