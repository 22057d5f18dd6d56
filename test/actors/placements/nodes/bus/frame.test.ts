import test from 'ava';
import { InvalidMessageError } from '../../../../../actors/errors.js';
import { decodeFrame, encodeFrame } from '../../../../../actors/placements/nodes/bus/frame.js';

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

test('a frame of which any bit has changed is refused', (t) => {
  for (let at = 0; at < frame.length; at++) {
    const changed = frame.slice();
    changed[at]! ^= 1;
    t.throws(() => decodeFrame(changed), { instanceOf: InvalidMessageError }, `byte ${at}`);
  }
});

test('a frame that was cut is refused', (t) => {
  for (let length = frame.indexOf(0) + 1; length < frame.length; length++) {
    const cut = frame.subarray(0, length);
    t.throws(() => decodeFrame(cut), { instanceOf: InvalidMessageError }, `${length} bytes`);
  }
});
