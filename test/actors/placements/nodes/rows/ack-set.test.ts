import test from 'ava';
import type { Node } from '../../../../../actors/placements/nodes/cluster/node.js';
import { AckSet } from '../../../../../actors/placements/nodes/rows/ack-set.js';
import { acknowledgementOf } from '../../../../../actors/placements/nodes/rows/acknowledgement.js';
import { aNode } from '../../../../helpers/builders/a-node.js';

/** A set for these nodes, and what says something where they acknowledge. */
function ackSet(nodes: readonly Node[]) {
  let hear: (payload: Uint8Array) => void = () => {};
  let isOpen = true;
  const settled: string[] = [];
  const bus = {
    openInbox(handle: (payload: Uint8Array) => void) {
      hear = handle;
      const close = () => {
        isOpen = false;
      };
      return { subject: 'inbox.1', close };
    },
  };
  const acks = new AckSet(bus, nodes, ({ hello }) => settled.push(hello.name));
  const acknowledge = ({ hello, seal }: Node, replyTo = 'inbox.1') =>
    hear(acknowledgementOf(hello.worker, seal, replyTo));
  return { acks, acknowledge, settled, isOpen: () => isOpen };
}

const namesOf = ({ pending }: AckSet) => pending.map(({ hello }) => hello.name);

test('a set is settled when every node has acknowledged, each once', async (t) => {
  const [alpha, beta] = [aNode('alpha'), aNode('beta')];
  const { acks, acknowledge, settled, isOpen } = ackSet([alpha, beta]);

  acknowledge(alpha);
  acknowledge(alpha);
  await acks.settledBy(alpha);
  t.deepEqual(namesOf(acks), ['beta']);
  t.true(isOpen());
  acknowledge(beta);
  await acks.settled;

  t.deepEqual(settled, ['alpha', 'beta']);
  t.true(alpha.hasTakenRows);
  t.false(isOpen());
});

test('a node that is lost, before or meanwhile, is waited for no longer', async (t) => {
  const [alpha, beta, gamma] = [aNode('alpha'), aNode('beta'), aNode('gamma')];
  alpha.lose('it was lost before');
  const { acks, acknowledge, settled } = ackSet([alpha, beta, gamma]);

  t.deepEqual(namesOf(acks), ['beta', 'gamma']);
  beta.lose('it is lost meanwhile');
  acknowledge(gamma);
  await acks.settled;

  t.deepEqual(settled, ['alpha', 'beta', 'gamma']);
  t.false(beta.hasTakenRows);
});

test('what others say, or nodes of another piece, acknowledges nothing', (t) => {
  const [alpha, beta] = [aNode('alpha'), aNode('beta')];
  const { acks, acknowledge } = ackSet([alpha]);

  acknowledge(beta);
  acknowledge(alpha, 'inbox.2');

  t.deepEqual(namesOf(acks), ['alpha']);
});

test('a set that is closed waits for no node', async (t) => {
  const { acks, settled, isOpen } = ackSet([aNode('alpha'), aNode('beta')]);

  acks.close();
  await acks.settled;

  t.deepEqual(settled, ['alpha', 'beta']);
  t.false(isOpen());
});

test('a set of no nodes is settled', async (t) => {
  const { acks } = ackSet([]);

  await acks.settled;

  t.deepEqual(namesOf(acks), []);
});
