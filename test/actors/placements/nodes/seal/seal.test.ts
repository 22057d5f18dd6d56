import test from 'ava';
import { InvalidMessageError } from '../../../../../actors/errors.js';
import type { RowPiece } from '../../../../../actors/placements/nodes/protocol/row-piece.js';
import {
  joinKeys,
  openRows,
  pieceKey,
  rowSealBytes,
  sealRows,
  splitKeys,
} from '../../../../../actors/placements/nodes/protocol/row-seal.js';
import {
  agreeOnKey,
  newKeyPair,
} from '../../../../../actors/placements/nodes/seal/agree-on-key.js';
import { Seal } from '../../../../../actors/placements/nodes/seal/seal.js';

const refused = { instanceOf: InvalidMessageError };
const message = new TextEncoder().encode('{"type":"left"}');

/** The two ends of what a supervisor and a worker share. */
function pair(job = 'job-1a', worker = 'alpha-1'): readonly [Seal, Seal] {
  const [supervisor, node] = [newKeyPair(), newKeyPair()];
  return [
    new Seal(agreeOnKey(supervisor, node.publicKey, job, worker)),
    new Seal(agreeOnKey(node, supervisor.publicKey, job, worker)),
  ];
}

test('what one end seals the other opens', (t) => {
  const [supervisor, node] = pair();
  t.deepEqual(node.open('a.b', supervisor.close('a.b', message)), message);
  t.deepEqual(supervisor.open('a.b', node.close('a.b', message)), message);
});

test('a message of which any bit has changed is refused, and so is one that was cut', (t) => {
  const [supervisor, node] = pair();
  const sealed = supervisor.close('a.b', message);
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice();
    changed[at]! ^= 1;
    t.throws(() => node.open('a.b', changed), refused, `byte ${at}`);
    t.throws(() => node.open('a.b', sealed.subarray(0, at)), refused, `${at} bytes`);
  }
});

test('a message of another subject, job, worker or pair is refused', (t) => {
  const [one, node] = pair();
  const [supervisor, worker] = [newKeyPair(), newKeyPair()];
  const keys = [
    agreeOnKey(supervisor, worker.publicKey, 'job-1a', 'alpha-1'),
    agreeOnKey(supervisor, worker.publicKey, 'job-2b', 'alpha-1'),
    agreeOnKey(supervisor, worker.publicKey, 'job-1a', 'beta-1'),
  ].map((key) => new Seal(key));

  t.throws(() => node.open('a.c', one.close('a.b', message)), refused);
  const sealed = keys[0]!.close('a.b', message);
  t.notThrows(() => keys[0]!.open('a.b', sealed));
  for (const other of [keys[1]!, keys[2]!, node]) {
    t.throws(() => other.open('a.b', sealed), refused);
  }
});

test('a public key that is none makes no agreement', (t) => {
  for (const key of ['', 'A'.repeat(43), 'k'.repeat(10)]) {
    t.throws(() => agreeOnKey(newKeyPair(), key, 'job-1a', 'alpha-1'), undefined, key);
  }
});

test('hidden keys are revealed to the other end only, for their purpose, and unchanged', (t) => {
  const [supervisor, node] = pair();
  const [stranger] = pair();
  const keys = [supervisor.derive('one'), supervisor.derive('two')];
  const hidden = supervisor.hide('publish x', joinKeys(keys));

  t.deepEqual(
    splitKeys(node.reveal('publish x', hidden)).map((key) => Uint8Array.from(key)),
    keys.map((key) => Uint8Array.from(key)),
  );
  t.false(Buffer.from(hidden).includes(Buffer.from(keys[0]!)));
  t.throws(() => node.reveal('publish y', hidden), refused);
  t.throws(() => stranger.reveal('publish x', hidden), refused);
  for (let at = 0; at < hidden.length; at++) {
    const changed = Uint8Array.from(hidden);
    changed[at]! ^= 1;
    t.throws(() => node.reveal('publish x', changed), refused, `byte ${at}`);
    t.throws(() => node.reveal('publish x', hidden.subarray(0, at)), refused, `${at} bytes`);
  }
  t.throws(() => splitKeys(new Uint8Array(33)), refused);
});

const piece: RowPiece = {
  table: { type: 'factors', side: 'user', generation: 3 },
  ...{ first: 4, count: 9 },
};

/** A piece sealed for two nodes, as it travels. */
function sealedFor(keys: readonly Uint8Array[]): Uint8Array {
  const payload = new Uint8Array(40 + rowSealBytes(keys.length)).fill(5);
  return sealRows(payload, keys);
}

test('rows are opened by every node that they are sealed for, and by no other', (t) => {
  const nodes = [pair()[0], pair()[0], pair()[0]] as const;
  const keys = nodes.map((seal) => pieceKey(seal, piece, '_INBOX.1'));

  const found = openRows(sealedFor(keys.slice(0, 2)));

  t.deepEqual(found.frame, new Uint8Array(40).fill(5));
  t.notThrows(() => found.expectFor(keys[0]!));
  t.notThrows(() => found.expectFor(keys[1]!));
  t.throws(() => found.expectFor(keys[2]!), refused);
});

test('rows of another piece, or acknowledged elsewhere, have other keys', (t) => {
  const [seal] = pair();
  const { table } = piece;
  const found = openRows(sealedFor([pieceKey(seal, piece, '_INBOX.1')]));
  for (const [other, replyTo] of [
    [piece, '_INBOX.2'],
    [{ ...piece, first: 5 }, '_INBOX.1'],
    [{ ...piece, count: 8 }, '_INBOX.1'],
    [{ ...piece, chosen: new Uint8Array(2) }, '_INBOX.1'],
    [{ ...piece, table: { ...table, type: 'gram' } }, '_INBOX.1'],
    [{ ...piece, table: { ...table, side: 'item' } }, '_INBOX.1'],
    [{ ...piece, table: { ...table, generation: 4 } }, '_INBOX.1'],
  ] as const) {
    t.throws(() => found.expectFor(pieceKey(seal, other, replyTo)), refused);
  }
});

test('rows of which any bit has changed are refused, and so are those that were cut', (t) => {
  const key = pieceKey(pair()[0], piece, '_INBOX.1');
  const sealed = sealedFor([key]);
  const open = (payload: Uint8Array) => openRows(payload).expectFor(key);
  t.notThrows(() => open(sealed));
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice();
    changed[at]! ^= 1;
    t.throws(() => open(changed), refused, `byte ${at}`);
    t.throws(() => open(sealed.subarray(0, at)), refused, `${at} bytes`);
  }
});
