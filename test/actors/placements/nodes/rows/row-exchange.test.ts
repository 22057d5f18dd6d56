import test from 'ava';
import type { Node } from '../../../../../actors/placements/nodes/cluster/node.js';
import { subjects } from '../../../../../actors/placements/nodes/protocol/messages.js';
import { readFetch } from '../../../../../actors/placements/nodes/protocol/read-command.js';
import { readerSelectionsOf } from '../../../../../actors/placements/nodes/protocol/row-selection.js';
import { acknowledgementOf } from '../../../../../actors/placements/nodes/rows/acknowledgement.js';
import { RowExchange } from '../../../../../actors/placements/nodes/rows/row-exchange.js';
import {
  BlockOwners,
  blockWeights,
} from '../../../../../actors/placements/nodes/scheduling/block-owners.js';
import type { Bus } from '../../../../../actors/placements/nodes/transport/bus.js';
import { NeededRows } from '../../../../../actors/placements/nodes/worker/needed-rows.js';
import { chooseKernel } from '../../../../../src/kernels/select/choose-kernel.js';
import type { RatingsSource } from '../../../../../src/ratings/described-ratings.js';
import { aNode } from '../../../../helpers/builders/a-node.js';
import { openJob, randomRatings, ratingsOf } from '../../../../helpers/builders/jobs.js';

const ratings = randomRatings({ users: 40, items: 30, density: 0.3 });
const { job } = openJob(chooseKernel('auto'), ratings, { rank: 8, blocks: 2 });
const { layout } = job;
const rowBytes = layout.stride * 4;
const phase = { kind: 'solve', iteration: 1, side: 'user' } as const;

/** An exchange of two nodes with a block of each side, on a bus that keeps what is published. */
function exchange() {
  const nodes = [aNode('alpha'), aNode('beta')];
  const published: { readonly subject: string; readonly replyTo: string }[] = [];
  const inboxes = new Map<string, (payload: Uint8Array) => void>();
  const bus = {
    ...{ maxBytes: 2 ** 20, isConnected: true, listen: () => () => {} },
    openInbox(handle: (payload: Uint8Array) => void) {
      const subject = `inbox.${inboxes.size}`;
      inboxes.set(subject, handle);
      return { subject, close: () => {} };
    },
    publish: (subject: string, _: Uint8Array, replyTo = '') =>
      void published.push({ subject, replyTo }),
  } as Partial<Bus> as Bus;
  const owners = new BlockOwners(blockWeights(layout));
  for (const side of ['user', 'item'] as const) {
    owners.assign(
      side,
      nodes.map(({ hello: { worker: node } }) => ({ node, capacity: 1 })),
    );
  }
  const rows = new RowExchange(bus, {
    ...{ id: 'job-1a', job: layout, routing: 'broadcast', owners, nodes: () => nodes },
    dismiss: () => {},
    giveUp: () => {},
  });
  /** Nodes acknowledge what was published to their subjects. */
  const acknowledge = (by: readonly Node[]) => {
    for (const { replyTo } of published) {
      for (const { hello, seal } of by) {
        inboxes.get(replyTo)!(acknowledgementOf(hello.worker, seal, replyTo));
      }
    }
  };
  return { rows, nodes, published, acknowledge };
}

test('every node gets the fixed side and its Gram matrix, and its own rows, once', async (t) => {
  const { rows, nodes, published, acknowledge } = exchange();

  rows.sendFor(phase, nodes);
  // Limits are entered first.
  await new Promise(setImmediate);
  acknowledge(nodes);
  await rows.idle();
  const sent = published.length;
  rows.sendFor(phase, nodes);
  await rows.idle();

  const fixed = 30 + layout.stride;
  t.is(rows.takeSentBytes(), (2 * fixed + 40) * rowBytes);
  t.is(rows.takeSentBytes(), 0);
  t.is(published.length, sent);
  const subjects = [...new Set(published.map(({ subject }) => subject))].sort();
  t.deepEqual(subjects, [
    'seesaw.job-1a.rows',
    'seesaw.job-1a.rows.alpha.1',
    'seesaw.job-1a.rows.beta.1',
  ]);
});

test('a node gets no row twice that it has been sent for a task', async (t) => {
  const { rows, nodes, acknowledge } = exchange();
  const [alpha] = nodes;

  const bringing = rows.bring(alpha!, { ...phase, block: 0 });
  await new Promise(setImmediate);
  acknowledge([alpha!]);
  await bringing;
  const first = rows.takeSentBytes();
  const again = rows.bring(alpha!, { ...phase, block: 0 });
  await again;

  t.true(first > (30 + layout.stride) * rowBytes);
  t.is(rows.takeSentBytes(), 0);
});

test('what a node is to be brought fails when it is lost', async (t) => {
  const { rows, nodes } = exchange();
  const [alpha] = nodes;

  const bringing = rows.bring(alpha!, { ...phase, block: 0 });
  alpha!.lose('its connection has closed');

  await t.throwsAsync(bringing, { code: 'ERR_NODE_LOST' });
});

test('bits of what a block needs are fetched in pieces where an answer cannot carry them', async (t) => {
  // 100,000 items: 12,500 bytes of bits.
  const cells = Array.from({ length: 300 }, (_, at): [number, number, number] => {
    return [at % 20, (at * 7_919) % 100_000, 1];
  });
  const ratings = ratingsOf(cells, 20, 100_000);
  const { layout } = openJob(chooseKernel('auto'), ratings, { rank: 4, blocks: 2 }).job;
  const alpha = aNode('alpha');
  const needed = new NeededRows();
  const asked: number[] = [];
  const bus = {
    ...{ maxBytes: 16_384, isConnected: true, listen: () => () => {} },
    async request(subject: string, payload: Uint8Array) {
      const request = readFetch(alpha.seal.open(subject, payload));
      if (request.type !== 'fetch') throw new TypeError('found no fetch');
      asked.push(request.bytes);
      return alpha.seal.closeInPlace(subjects.fetched('job-1a', 'alpha-1'), needed.fetch(request)!);
    },
  } as Partial<Bus> as Bus;
  const owners = new BlockOwners(blockWeights(layout));
  const capacities = [{ node: 'alpha-1', capacity: 1 }];
  for (const side of ['user', 'item'] as const) owners.assign(side, capacities);
  const source = { files: ['/ratings.csv'], duplicates: 'sum' } as unknown as RatingsSource;
  const rows = new RowExchange(bus, {
    ...{ id: 'job-1a', job: { ...layout, source }, routing: 'routed', owners },
    ...{ nodes: () => [alpha], dismiss: () => {}, giveUp: () => t.fail() },
  });

  for (const block of [0, 1]) {
    const answered = needed.add(7 + block, layout, 'user', block);
    t.is(answered.length, 0);
    await rows.learn(alpha, 7 + block, { side: 'user', block }, answered);
    await rows.learn(alpha, 7 + block, { side: 'user', block }, answered);
  }

  t.deepEqual(asked, [8_192, 4_308, 8_192, 4_308]);
  t.deepEqual(rows.readers('item'), readerSelectionsOf(layout, 'item'));
  const beyond = { type: 'fetch', number: 7, at: 8_192, bytes: 8_192 } as const;
  t.throws(() => needed.fetch(beyond), { code: 'ERR_INVALID_MESSAGE' });
  needed.forget('user', 0);
  t.is(needed.fetch(beyond), undefined);
});
