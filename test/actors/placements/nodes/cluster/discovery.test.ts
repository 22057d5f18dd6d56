import test from 'ava';
import { WorkerDiscovery } from '../../../../../actors/placements/nodes/cluster/discovery.js';
import { encode, type Hello } from '../../../../../actors/placements/nodes/protocol/messages.js';
import { newKeyPair } from '../../../../../actors/placements/nodes/seal/agree-on-key.js';
import type { Bus } from '../../../../../actors/placements/nodes/transport/bus.js';
import { PlacementError, StoppedError } from '../../../../../src/errors.js';
import { aHello } from '../../../../helpers/builders/a-node.js';

const key = newKeyPair().publicKey;
const signal = new AbortController().signal;

/** A discovery, and what says something on the subject of hellos. */
function discover(onHello: (hello: Hello) => void = () => {}) {
  const handlers = new Set<Parameters<Bus['listen']>[1]>();
  const bus = {
    ...{ isConnected: true, server: '127.0.0.1:4222' },
    listen(_: string, handle: Parameters<Bus['listen']>[1]) {
      handlers.add(handle);
      return () => handlers.delete(handle);
    },
  } as Partial<Bus> as Bus;
  const discovery = new WorkerDiscovery(bus, { job: 'job-1a', lostAfter: 30, onHello });
  const say = (payload: Uint8Array, name: string) => {
    for (const handle of handlers)
      handle(payload, { subject: `seesaw.hello.${name}`, replyTo: '' });
  };
  const greet = (name: string) => say(encode(aHello(name, { key })), name);
  return { discovery, say, greet, handlers };
}

test('workers are found once they are enough, in the order of their names', async (t) => {
  const { discovery, greet } = discover();
  greet('beta');
  const finding = discovery.find({ wanted: { workers: 2, threads: 1 }, deadline: 60, signal });
  greet('alpha');

  const found = await finding;

  t.deepEqual(
    found.map(({ name }) => name),
    ['alpha', 'beta'],
  );
});

test('too few workers are an error after the deadline, which says who is there', async (t) => {
  const { discovery, greet } = discover();
  greet('alpha');

  await t.throwsAsync(
    discovery.find({ wanted: { workers: 2, threads: 1 }, deadline: 0.01, signal }),
    {
      instanceOf: PlacementError,
      message: /^found alpha \(1 thread\) at 127.* expected 2 workers/,
    },
  );
});

test('a wait that is aborted ends', async (t) => {
  const { discovery } = discover();
  const over = new AbortController();
  const waiting = { wanted: { workers: 1, threads: 1 }, deadline: 60, signal: over.signal };
  const finding = discovery.find(waiting);

  over.abort();

  await t.throwsAsync(finding, { instanceOf: StoppedError });
});

test('what is no hello, or comes after the end, is not heard', (t) => {
  const names: string[] = [];
  const { discovery, say, greet, handlers } = discover(({ name }) => names.push(name));

  say(encode({ type: 'hello' }), 'alpha');
  greet('beta');
  discovery.close();
  greet('gamma');

  t.deepEqual(names, ['beta']);
  t.is(handlers.size, 0);
});
