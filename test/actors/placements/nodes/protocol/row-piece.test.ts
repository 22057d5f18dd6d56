import test from 'ava';
import { InvalidMessageError } from '../../../../../actors/errors.js';
import {
  chosenCount,
  cutPiece,
  encodePiece,
  placePiece,
  type RowPiece,
  readPiece,
  rowBytesOf,
} from '../../../../../actors/placements/nodes/protocol/row-piece.js';
import { encodeFrame } from '../../../../../actors/placements/nodes/transport/frame.js';
import { chooseKernel } from '../../../../../src/kernels/select/choose-kernel.js';
import { openJob, randomRatings } from '../../../../helpers/builders/jobs.js';

const table = { type: 'factors', side: 'user', generation: 3 } as const;
const rowCount = 37;

/** Every third row, and the last ones. */
const chosen = bits((row) => row % 3 === 0 || row > 30);

for (const [what, piece] of Object.entries({
  'all rows': { table, first: 0, count: rowCount },
  'some rows from the middle': { table, first: 5, count: 9 },
  'chosen rows': { table, first: 0, count: rowCount, chosen },
  'a Gram matrix': { table: { ...table, type: 'gram' }, first: 0, count: 8 },
} satisfies Record<string, RowPiece>)) {
  test(`${what} arrive where they were, cut or not, and others stay`, (t) => {
    const { job: source } = openRandom();
    const { job: target, wasTouched } = openRandom();
    for (const most of [1 + 8 * rowBytesOf(source), 1e6]) {
      const cut = [...cutPiece(piece, rowBytesOf(source), most)];
      const sent = cut.map((each) => encodePiece(source, each));

      for (const frame of sent) placePiece(target, readPiece(target, frame));

      t.is(
        cut.reduce((sum, each) => sum + chosenCount(each), 0),
        chosenCount(piece),
      );
      t.true(cut.every((each) => chosenCount(each) > 0));
    }
    for (let row = 0; row < piece.count; row++) {
      const { chosen } = piece as RowPiece;
      const isSent = chosen === undefined || (chosen[row >> 3]! & (1 << (row & 7))) !== 0;
      t.is(wasTouched(source, piece, piece.first + row), isSent, `row ${row}`);
    }
  });
}

test('pieces are no larger than they may be', (t) => {
  const { job } = openRandom();
  const rowBytes = rowBytesOf(job);
  const most = 3 + 10 * rowBytes;

  for (const piece of cutPiece({ table, first: 0, count: rowCount, chosen }, rowBytes, most)) {
    t.true(chosenCount(piece) * rowBytes + piece.chosen!.length <= most);
  }
});

for (const [what, change] of Object.entries({
  'an unknown table': { type: 'ratings' },
  'an unknown side': { side: 'both' },
  'rows beyond the last': { first: 30, count: 8 },
  'a first row below 0': { first: -1 },
  'more rows than bytes': { count: 5 },
  'bits that are not there': { isChosen: true, count: 4 },
})) {
  test(`a piece with ${what} is refused`, (t) => {
    const { job } = openRandom();
    const message = { ...table, first: 0, count: 4, isChosen: false, ...change };
    const frame = encodeFrame(message, 4 * rowBytesOf(job), () => {});

    t.throws(() => readPiece(job, frame), { instanceOf: InvalidMessageError });
  });
}

/** A job whose factors differ from those of every other. */
let salt = 0;
function openRandom() {
  const ratings = randomRatings({ users: rowCount, items: 9, density: 0.6 });
  const { job } = openJob(chooseKernel('auto'), ratings, { rank: 7 });
  const { layout } = job;
  salt++;
  const memory = (piece: RowPiece, row: number, from = layout) => {
    const start = piece.table.type === 'gram' ? from.gram : from.user.factors[1];
    const offset = start + row * rowBytesOf(from);
    return new Float32Array(from.memory.buffer, offset, from.stride);
  };
  for (let row = 0; row < rowCount; row++) {
    memory({ table, first: 0, count: 0 }, row).fill(salt * 100 + row);
  }
  for (let row = 0; row < 8; row++) {
    memory({ table: { ...table, type: 'gram' }, first: 0, count: 0 }, row).fill(salt * 100 + row);
  }
  return {
    job: layout,
    wasTouched: (source: typeof layout, piece: RowPiece, row: number) =>
      memory(piece, row).every((value, at) => value === memory(piece, row, source)[at]),
  };
}

function bits(isSet: (row: number) => boolean): Uint8Array {
  const set = new Uint8Array(Math.ceil(rowCount / 8));
  for (let row = 0; row < rowCount; row++) if (isSet(row)) set[row >> 3]! |= 1 << (row & 7);
  return set;
}
