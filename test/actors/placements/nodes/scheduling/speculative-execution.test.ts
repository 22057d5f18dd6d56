import test from 'ava';
import {
  chooseSpeculation,
  type NodeLoad,
} from '../../../../../actors/placements/nodes/scheduling/speculative-execution.js';

/** A node that was given its tasks at 0, each of work 100. */
function load(
  name: string,
  { done = 0, lastMs, left = [] }: { done?: number; lastMs?: number; left?: readonly string[] },
  more: { places?: number; capacity?: number } = {},
): NodeLoad<string> & { readonly name: string } {
  const { places = 1, capacity = 1 } = more;
  const tasks = left.map((task) => ({ task, work: 100, places }));
  return { name, capacity, sinceMs: 0, lastMs, done, left: tasks };
}

const idle = load('idle', { done: 200, lastMs: 200 });

function chosen(
  loads: Parameters<typeof chooseSpeculation<string, ReturnType<typeof load>>>[0],
  nowMs: number,
) {
  const choice = chooseSpeculation(loads, nowMs);
  return choice && `${choice.task} from ${choice.from.name} to ${choice.to.name}`;
}

test('the last task of a node that is silent for long goes to an idle one as well', (t) => {
  const silent = load('slow', { left: ['a', 'b'] });

  t.is(chosen([idle, silent], 1_000), 'b from slow to idle');
});

test('a node that is not much slower keeps its tasks', (t) => {
  const other = load('other', { done: 100, lastMs: 180, left: ['b'] });

  t.is(chosen([idle, other], 220), undefined);
  t.is(chosen([idle, other], 800), undefined);
});

test('a node that goes on, but has far too much left, gives of it', (t) => {
  const slow = load('slow', { done: 100, lastMs: 390, left: ['b', 'c', 'd', 'e', 'f'] });

  t.is(chosen([idle, slow], 400), 'f from slow to idle');
});

test('of two slow nodes the slower one gives first', (t) => {
  const slow = load('slow', { done: 100, lastMs: 900, left: ['a', 'b'] });
  const slower = load('slower', { left: ['c', 'd'] });

  t.is(chosen([slow, idle, slower], 1_000), 'd from slower to idle');
});

test('the faster one of two idle nodes takes it', (t) => {
  const quick = load('quick', { done: 400, lastMs: 200 });

  t.is(chosen([idle, quick, load('slow', { left: ['a'] })], 1_000), 'a from slow to quick');
});

test('a task that is at two nodes goes to no third', (t) => {
  t.is(chosen([idle, load('slow', { left: ['a'] }, { places: 2 })], 9_000), undefined);
});

test('while no node is idle, or none has solved anything, nothing moves', (t) => {
  const busy = load('busy', { done: 900, lastMs: 900, left: ['a'] });
  const silent = load('slow', { left: ['b'] });

  t.is(chosen([busy, silent], 9_000), undefined);
  t.is(chosen([load('new', {}), silent], 9_000), undefined);
  t.is(chosen([], 9_000), undefined);
});
