import test from 'ava';
import type { Node } from '../../../../../actors/placements/nodes/cluster/node.js';
import { Balancer } from '../../../../../actors/placements/nodes/scheduling/balancer.js';
import { TaskRun } from '../../../../../actors/placements/nodes/scheduling/task-run.js';
import type { ExecutorFault } from '../../../../../actors/placements/placement.js';
import { aNode } from '../../../../helpers/builders/a-node.js';

/** A balancer with a clock of its own, and nodes that are asked for tasks and answer nothing. */
function balance() {
  let nowMs = 0;
  const faults: ExecutorFault[] = [];
  const asked: string[] = [];
  const balancer = new Balancer<Node, TaskRun>(
    () => nowMs,
    (fault) => faults.push(fault),
  );
  const give = (node: Node, block: number): TaskRun => {
    const run = new TaskRun({ kind: 'solve', iteration: 1, side: 'user', block }, 100, (at) => {
      asked.push(`${at.hello.name} ${block}`);
      return new Promise(() => {});
    });
    balancer.board.give(node, run);
    balancer.board.ask(node);
    run.tryAt(node);
    return run;
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { balancer, faults, asked, give, pass };
}

test('a node with nothing to do solves what waits at a slow one, which is reported once', (t) => {
  const { balancer, faults, asked, give, pass } = balance();
  const [quick, slow] = [aNode('quick'), aNode('slow')];
  balancer.beginPhase();
  const first = give(quick, 0);
  for (const block of [1, 2]) give(slow, block);
  pass(100);
  balancer.board.solve(first, quick);

  balancer.balance([quick, slow]);
  t.deepEqual(faults, []);
  pass(2_000);
  balancer.balance([quick, slow]);
  balancer.balance([quick, slow]);

  t.deepEqual(asked, ['quick 0', 'slow 1', 'slow 2', 'quick 2']);
  t.deepEqual(faults, [
    {
      ...{ component: 'node', node: 'slow', action: 'solve-elsewhere' },
      message: 'it is slow: quick solves user block 2 as well',
    },
  ]);
});

test('a node that is not heard is not called slow: it may be dead', (t) => {
  const { balancer, faults, asked, give, pass } = balance();
  const [quick, dead] = [aNode('quick'), aNode('dead')];
  dead.unheardChecks = 1;
  balancer.beginPhase();
  const first = give(quick, 0);
  give(dead, 1);
  pass(100);
  balancer.board.solve(first, quick);
  pass(2_000);

  balancer.balance([quick, dead]);

  t.deepEqual(asked, ['quick 0', 'dead 1', 'quick 1']);
  t.deepEqual(faults, []);
});

test('a node that was slow in two phases is worth less in the next one', (t) => {
  const { balancer, give, pass } = balance();
  const [quick, slow] = [aNode('quick'), aNode('slow')];
  for (let phase = 0; phase < 2; phase++) {
    balancer.beginPhase();
    const [first, second] = [give(quick, 0), give(slow, 1)];
    pass(1_000);
    balancer.board.solve(first, quick);
    pass(3_000);
    balancer.board.solve(second, slow);
    balancer.endPhase([quick, slow]);
  }

  t.is(balancer.phaseMs, 4_000);
  t.true(balancer.capacityOf(quick).capacity > balancer.capacityOf(slow).capacity);
});

test('with many nodes slow ones are looked for less often, so that looking takes a small share of the time', (t) => {
  const { balancer, asked, give, pass } = balance();
  const [quick, slow] = [aNode('quick'), aNode('slow')];
  const others = Array.from({ length: 198 }, (_, n) => aNode(`other ${n}`));
  balancer.beginPhase();
  const first = give(quick, 0);
  for (const block of [1, 2, 3]) give(slow, block);
  pass(100);
  balancer.board.solve(first, quick);
  const all = [quick, slow, ...others];
  balancer.balance(all);
  pass(5_000);
  const looks = () => {
    const before = asked.length;
    balancer.balance(all);
    return asked.length - before;
  };

  // 200 nodes rest for 2 ms.
  t.is(looks(), 1);
  pass(1.9);
  t.is(looks(), 0);
  pass(0.1);
  t.is(looks(), 1);
});
