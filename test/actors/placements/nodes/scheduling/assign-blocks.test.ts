import test from 'ava';
import { assignBlocks } from '../../../../../actors/placements/nodes/scheduling/assign-blocks.js';
import { NodeLoads } from '../../../../../actors/placements/nodes/scheduling/node-loads.js';
import { randomAt } from '../../../../../src/random.js';

const none = (count: number) => new Array<undefined>(count).fill(undefined);

test('equal nodes get equal work', (t) => {
  const nodes = [
    { node: 'a', capacity: 1 },
    { node: 'b', capacity: 1 },
  ];

  t.deepEqual(assignBlocks([4, 3, 3, 2], nodes, none(4)), ['a', 'b', 'b', 'a']);
});

test('a node with more threads gets more blocks', (t) => {
  const nodes = [
    { node: 'a', capacity: 3 },
    { node: 'b', capacity: 1 },
  ];

  const assigned = assignBlocks(new Array<number>(8).fill(1), nodes, none(8));

  t.is(assigned.filter((node) => node === 'a').length, 6);
});

test('blocks stay where they are when a node goes, and its own are shared out', (t) => {
  const nodes = [
    { node: 'a', capacity: 1 },
    { node: 'b', capacity: 1 },
  ];

  const assigned = assignBlocks(new Array<number>(6).fill(1), nodes, [
    'a',
    'b',
    'c',
    'a',
    'b',
    'c',
  ]);

  t.deepEqual(assigned, ['a', 'b', 'a', 'a', 'b', 'b']);
});

test('a node that comes takes blocks from the others, and no more than it should', (t) => {
  const nodes = [
    { node: 'a', capacity: 1 },
    { node: 'new', capacity: 1 },
  ];

  const assigned = assignBlocks(new Array<number>(4).fill(1), nodes, ['a', 'a', 'a', 'a']);

  t.deepEqual(assigned, ['a', 'a', 'new', 'new']);
});

test('more nodes than blocks leaves some without', (t) => {
  const nodes = ['a', 'b', 'c'].map((node) => ({ node, capacity: 1 }));

  t.deepEqual(assignBlocks([1], nodes, none(1)), ['a']);
  t.deepEqual(assignBlocks([], nodes, []), []);
});

test('the least busy node and the busiest are the first of those that going through all finds', (t) => {
  const nodes = Array.from({ length: 37 }, (_, n) => ({ node: `${n}`, capacity: 1 + (n % 3) }));
  const loads = new NodeLoads(nodes);
  const plain = new Map(nodes.map(({ node }) => [node, 0]));
  for (let turn = 0; turn < 300; turn++) {
    const work = Math.floor(8 * randomAt(1, 0, turn));
    const share = ({ node, capacity }: (typeof nodes)[number], more = 0) =>
      (plain.get(node)! + more) / capacity;
    const least = nodes.reduce((a, b) => (share(b, work) < share(a, work) ? b : a)).node;
    t.is(loads.leastBusy(work), least);
    t.is(loads.busiest(), nodes.reduce((a, b) => (share(b) > share(a) ? b : a)).node);
    const node = turn % 4 === 0 ? `${turn % 37}` : least;
    loads.add(node, work);
    plain.set(node, plain.get(node)! + work);
  }
});
