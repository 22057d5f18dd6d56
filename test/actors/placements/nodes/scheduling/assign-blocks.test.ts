import test from 'ava';
import { assignBlocks } from '../../../../../actors/placements/nodes/scheduling/assign-blocks.js';

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
