import test from 'ava';
import {
  NodeSpeeds,
  type NodeWork,
} from '../../../../../actors/placements/nodes/scheduling/node-speeds.js';

/** What nodes of one thread each have done in a second. */
function works(done: Readonly<Record<string, number>>, seconds = 1): NodeWork[] {
  return Object.entries(done).map(([node, work]) => ({ node, threads: 1, work, seconds }));
}

test('a node is worth as many threads as it has until its speed is known', (t) => {
  t.is(new NodeSpeeds().capacityOf('a', 3), 3);
});

test('a node that is slow in two phases in a row is worth less, in one it is not', (t) => {
  const speeds = new NodeSpeeds();

  speeds.learn(works({ a: 100, b: 100, c: 25 }));
  const afterOne = speeds.capacityOf('c', 1);
  speeds.learn(works({ a: 100, b: 100, c: 25 }));

  t.is(afterOne, 1);
  t.is(speeds.capacityOf('c', 1), 1 / 3);
  t.is(speeds.capacityOf('a', 1), 1);
});

test('a difference that may be chance changes nothing', (t) => {
  const speeds = new NodeSpeeds();

  for (let phase = 0; phase < 4; phase++) speeds.learn(works({ a: 100, b: 130 }));

  t.is(speeds.capacityOf('b', 1), 1);
});

test('a node that is much faster than its threads is worth more', (t) => {
  const speeds = new NodeSpeeds();

  for (let phase = 0; phase < 4; phase++) speeds.learn(works({ a: 100, b: 100, gpu: 2_000 }));

  t.true(speeds.capacityOf('gpu', 1) / speeds.capacityOf('a', 1) > 13);
});

test('a node that stood still keeps a little, and gets it back while it has nothing to do', (t) => {
  const speeds = new NodeSpeeds();
  for (let phase = 0; phase < 2; phase++) speeds.learn(works({ a: 100, b: 100, c: 0 }));
  const least = speeds.capacityOf('c', 1);

  for (let phase = 0; phase < 40; phase++) {
    speeds.learn([...works({ a: 100, b: 100 }), ...works({ c: 0 }, 0)]);
  }

  t.is(least, 1 / 64);
  t.is(speeds.capacityOf('c', 1), 1);
});

test('phases of a moment, or of one node, say nothing', (t) => {
  const speeds = new NodeSpeeds();

  for (let phase = 0; phase < 4; phase++) {
    speeds.learn(works({ a: 100, b: 1 }, 0.01));
    speeds.learn(works({ b: 1 }));
  }

  t.is(speeds.capacityOf('b', 1), 1);
});
