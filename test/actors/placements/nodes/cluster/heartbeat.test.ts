import test from 'ava';
import { silenceOf, tickMs } from '../../../../../actors/placements/nodes/cluster/heartbeat.js';
import type { Node } from '../../../../../actors/placements/nodes/cluster/node.js';
import { aNode } from '../../../../helpers/builders/a-node.js';

/** A node that was asked for something, and never answers. */
function asked(): Node {
  const node = aNode('alpha');
  node.ask(1, { type: 'solve', task }).catch(() => {});
  return node;
}

const task = { kind: 'solve', iteration: 1, side: 'user', block: 0 } as const;

/** How many seconds of ticks pass until it is given up, of `most`. */
function secondsUntilGivenUp(node: Node, deadline: number, most: number): number | undefined {
  for (let tick = 1; tick * tickMs <= most * 1000; tick++) {
    if (silenceOf(node, deadline) !== undefined) return (tick * tickMs) / 1000;
  }
  return undefined;
}

test('a node that owes an answer and does nothing is given up after 5 s', (t) => {
  t.is(secondsUntilGivenUp(asked(), 60, 100), 5);
});

test('a node that owes an answer and works has ten deadlines, and 600 s at least', (t) => {
  const [one, other] = [asked(), asked()];
  one.busy = 1;
  other.busy = 1;
  t.is(secondsUntilGivenUp(one, 60, 2_000), 600);
  t.is(secondsUntilGivenUp(other, 100, 2_000), 1_000);
});

test('a node that owes nothing is never given up', (t) => {
  const node = asked();
  node.take({ type: 'failed', number: 1, error: { code: 'ERR_STOPPED' } });
  t.is(secondsUntilGivenUp(node, 60, 2_000), undefined);
});

test('every answer gives a node its time again', (t) => {
  const node = asked();
  node.ask(2, { type: 'solve', task }).catch(() => {});
  t.is(secondsUntilGivenUp(node, 60, 4.5), undefined);
  node.take({ type: 'failed', number: 1, error: { code: 'ERR_STOPPED' } });
  t.is(secondsUntilGivenUp(node, 60, 100), 5);
});
