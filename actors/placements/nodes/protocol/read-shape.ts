import type { Weighting } from '../../../../src/kernels/job-layout.js';
import { kernelNames } from '../../../../src/kernels/kernel-names.js';
import { type JobShape, rowFormat, type SideShape } from '../../../../src/kernels/lay-out-job.js';
import { isCpuKernel, traitsOf } from '../../../../src/kernels/select/choose-kernel.js';
import { InvalidMessageError } from '../../../errors.js';
import { booleanIn, type Fields, fieldsIn, integerIn, listIn, numberIn, oneIn } from './fields.js';
import { readRatingsSource } from './read-ratings-source.js';

/** More rows than a memory of 4 GiB can index. */
const maxRows = 2 ** 30;
/** Offsets of ratings have 32 bits. */
const maxEntries = 2 ** 32 - 1;
const maxCoordinates = 2_050;

/** Reads the shape of a job from a message. Throws `InvalidMessageError` if it is invalid. */
export function readShape(from: Fields): JobShape {
  const kernel = oneIn(from, 'kernel', kernelNames);
  const rank = integerIn(from, 'rank', 1, maxCoordinates);
  const format = rowFormat(traitsOf(kernel), rank);
  const ofGpu = !isCpuKernel(kernel);
  const order = listIn(from, 'phaseOrder', 2);
  const user = readSide(fieldsIn(from, 'user'), rank);
  const item = readSide(fieldsIn(from, 'item'), rank);
  return {
    ...format,
    stride: integerIn(from, 'stride', format.stride, format.stride),
    solver: oneIn(from, 'solver', ofGpu ? ['cg'] : ['cg', 'cholesky', 'subspace']),
    cgSteps: integerIn(from, 'cgSteps', 1, 1_000),
    ...(from.overrelaxedAfter !== undefined && {
      overrelaxedAfter: integerIn(from, 'overrelaxedAfter', 1, 2),
    }),
    subspaceSize: 8 * Math.floor(integerIn(from, 'subspaceSize', 8, 128) / 8),
    weighting: readWeighting(fieldsIn(from, 'weighting')),
    nonnegative: booleanIn(from, 'nonnegative') && !ofGpu,
    phaseOrder: order[0] === 'item' ? ['item', 'user'] : ['user', 'item'],
    ...(from.source !== undefined && {
      source: readRatingsSource(fieldsIn(from, 'source'), user.rowCount, item.rowCount),
    }),
    ...{ user, item },
  };
}

function readWeighting(from: Fields): Weighting {
  return {
    feedback: oneIn(from, 'feedback', ['implicit', 'explicit']),
    alpha: numberIn(from, 'alpha'),
    unobservedWeight: numberIn(from, 'unobservedWeight'),
    objective: oneIn(from, 'objective', ['confidence', 'ials']),
    offset: numberIn(from, 'offset'),
  };
}

function readSide(from: Fields, rank: number): SideShape {
  const rowCount = integerIn(from, 'rowCount', 1, maxRows);
  return {
    rowCount,
    ...(from.pinned !== undefined && { pinned: integerIn(from, 'pinned', 0, rank - 1) }),
    blockStarts: readStarts(listIn(from, 'blockStarts', 1_025), rowCount),
    entries: integerIn(from, 'entries', 0, maxEntries),
    ...(from.heldOutEntries !== undefined && {
      heldOutEntries: integerIn(from, 'heldOutEntries', 0, maxEntries),
    }),
  };
}

function readStarts(starts: readonly unknown[], rowCount: number): number[] {
  const isRising = starts.every(
    (start, block) =>
      Number.isInteger(start) && (block === 0 ? start === 0 : start! >= starts[block - 1]!),
  );
  if (starts.length >= 2 && isRising && starts.at(-1) === rowCount) return starts as number[];
  throw new InvalidMessageError(
    `${starts.length} boundaries of blocks`,
    `rising ones from 0 to ${rowCount}`,
  );
}
