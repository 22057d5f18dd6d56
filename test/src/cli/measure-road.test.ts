import test from 'ava';
import { defaultFigures } from '../../../actors/planning/default-figures.js';
import type { MeasuredSpread } from '../../../actors/planning/machine-figures.js';
import { SpeedProbe } from '../../../src/cli/calibration/machine-speed.js';
import type { MessageCase } from '../../../src/cli/calibration/measure-messages.js';
import { measureRoad } from '../../../src/cli/calibration/measure-road.js';
import { seesaw } from '../../helpers/programs/command-line.js';
import { natsServer, natsTest } from '../../helpers/programs/nats.js';

const cases: readonly MessageCase[] = [
  { workers: 1, shape: 0, rank: 4, blocks: 2, routing: 'broadcast' },
  { workers: 2, shape: 0, rank: 8, blocks: 8, routing: 'broadcast' },
];

natsTest(
  'the way through a server is measured, and what messages cost each processor',
  async (t) => {
    const { url } = await natsServer(t);
    const parts: string[] = [];

    const road = await measureRoad({
      ...{ options: { servers: url }, figures: defaultFigures, cases },
      stopped: new AbortController().signal,
      probe: () => defaultFigures.speed,
      onPart: (part) => parts.push(part),
    });

    const inOrder = ({ low, median, high }: MeasuredSpread) =>
      0 < low && low <= median && median <= high;
    t.true(inOrder(road.latencySeconds));
    t.true(road.latencySeconds.median < 1);
    t.true(inOrder(road.bytesPerSecond));
    t.true(inOrder(road.fanOutBytesPerSecond));
    for (const { seconds, residuals } of Object.values(road.messages)) {
      t.true(Object.values(seconds).every((each) => each >= 0));
      t.true(Object.values(seconds).some((each) => each > 0));
      t.true(residuals.every((each) => each > 0));
    }
    t.is(parts.length, 2);
  },
);

test('a piece of work tells the speed of the machine, on one core and on all', async (t) => {
  const speed = await SpeedProbe.open();
  for (const { alone, together } of [speed.probe(), speed.usual()]) {
    t.true(alone > 0 && together > 0);
  }
  await t.notThrowsAsync(speed.close());
});

test('a server is asked only by a calibration', async (t) => {
  const { status, stderr } = await seesaw(['plan', '--servers', 'nats://127.0.0.1:1']);

  t.is(status, 2);
  t.regex(stderr, /found --servers without --calibrate/);
});

test('a calibration asks first whether a server is there', async (t) => {
  const args = ['plan', '--calibrate', '--servers', 'nats://127.0.0.1:1', '--figures', '/dev/null'];
  const { status, stderr } = await seesaw(args);

  t.not(status, 0);
  t.notRegex(stderr, /measuring/);
  t.regex(stderr, /ERR_CONNECTION/);
});
