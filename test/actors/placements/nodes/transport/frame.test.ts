import test from 'ava';
import {
  decodeFrame,
  encodeFrame,
} from '../../../../../actors/placements/nodes/transport/frame.js';

const body = Uint8Array.of(1, 0, 255, 0, 7);
const frame = encodeFrame({ type: 'fetched' }, body.length, (room) => room.set(body));

test('a frame gives back its message and its bytes, wherever it lies in memory', (t) => {
  const larger = new Uint8Array(frame.length + 7);
  larger.set(frame, 3);

  const found = decodeFrame(larger.subarray(3, 3 + frame.length));

  t.deepEqual(JSON.parse(new TextDecoder().decode(found.message)), { type: 'fetched' });
  t.deepEqual(Uint8Array.from(found.body), body);
});

test('JSON alone is a frame without bytes', (t) => {
  const found = decodeFrame(new TextEncoder().encode('{"type":"left"}'));

  t.is(new TextDecoder().decode(found.message), '{"type":"left"}');
  t.is(found.body.length, 0);
});

test('a frame leaves room for its seal', (t) => {
  const sealed = encodeFrame({ a: 1 }, 2, (room) => room.fill(7), { sealBytes: 3 });

  t.deepEqual(Array.from(sealed.subarray(-5)), [7, 7, 0, 0, 0]);
});
