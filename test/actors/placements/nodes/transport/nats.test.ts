import { createServer } from 'node:net';
import test from 'ava';
import { ConnectionError, InvalidMessageError } from '../../../../../actors/errors.js';
import { openBus } from '../../../../../actors/placements/nodes/transport/nats.js';
import { natsServer, natsTest } from '../../../../helpers/programs/nats.js';

const token = 'authorization { token: "right" }';
const password = 'authorization { user: ann, password: "right" }';

for (const [what, config, right, wrong] of [
  ['token', token, { token: 'right' }, { token: 'wrong' }],
  ['password', password, { user: 'ann', password: 'right' }, { user: 'ann', password: 'wrong' }],
] as const) {
  natsTest(`the right ${what} connects, a wrong one and none do not`, async (t) => {
    const { url: servers } = await natsServer(t, config);

    const bus = await openBus({ servers, ...right }, 'test');
    await bus.close();
    for (const options of [wrong, {}]) {
      const error = await t.throwsAsync(openBus({ servers, ...options }, 'test'), {
        instanceOf: ConnectionError,
        code: 'ERR_CONNECTION',
      });
      t.regex(error!.message, /refuses these credentials/);
    }
  });
}

test('where no server is, the error says so', async (t) => {
  const servers = `nats://127.0.0.1:${await freePort()}`;

  const error = await t.throwsAsync(openBus({ servers }, 'test'), { instanceOf: ConnectionError });

  t.regex(error!.message, /found no NATS server/);
});

natsTest('a server without JetStream is refused', async (t) => {
  const { url: servers } = await natsServer(
    t,
    'accounts { A { users = [{ user: a, password: b }] } }',
  );
  const bus = await openBus({ servers, user: 'a', password: 'b' }, 'test');
  t.teardown(() => bus.close());

  await t.throwsAsync(bus.objects('seesaw-x', true), { instanceOf: ConnectionError });
});

natsTest('an object comes back as it was, and a shorter one is refused', async (t) => {
  const { url: servers } = await natsServer(t);
  const bus = await openBus({ servers }, 'test');
  t.teardown(() => bus.close());
  const objects = await bus.objects('seesaw-test', true);
  const from = new SharedArrayBuffer(3_000_000);
  new Uint8Array(from).forEach((_, at, bytes) => {
    bytes[at] = at % 251;
  });
  const to = new SharedArrayBuffer(3_000_000);

  const digest = await objects.put('a', from, [
    { offset: 10, bytes: 2_500_000 },
    { offset: 0, bytes: 0 },
    { offset: 2_900_000, bytes: 7 },
  ]);
  await objects.get('a', to, [{ offset: 0, bytes: 2_500_007 }], digest);

  const same = Buffer.compare(
    new Uint8Array(to, 0, 2_500_000),
    new Uint8Array(from, 10, 2_500_000),
  );
  t.is(same, 0);
  t.deepEqual(new Uint8Array(to, 2_500_000, 7), new Uint8Array(from, 2_900_000, 7));
  await t.throwsAsync(objects.get('a', to, [{ offset: 0, bytes: 9 }], digest), {
    instanceOf: InvalidMessageError,
    message: /2500007 bytes/,
  });
  // One that another client has put in its place, in one piece and with a SHA-256 of its own.
  await objects.put('a', from, [{ offset: 20, bytes: 2_500_007 }]);
  const untouched = new SharedArrayBuffer(2_500_007);
  const other = objects.get('a', untouched, [{ offset: 0, bytes: 2_500_007 }], digest);
  await t.throwsAsync(other, { instanceOf: InvalidMessageError, message: /object a damaged/ });
  t.true(new Uint8Array(untouched).every((byte) => byte === 0));
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

natsTest('large messages come whole, one after the other in the same memory', async (t) => {
  const { url: servers } = await natsServer(t);
  const [sender, receiver] = await Promise.all([
    openBus({ servers }, 'sender'),
    openBus({ servers }, 'receiver'),
  ]);
  t.teardown(() => Promise.all([sender.close(), receiver.close()]));
  const sizes = [sender.maxBytes, 300_000, sender.maxBytes - 1, 70_000, 100, 500_000];
  const sent = sizes.map((length, n) => Uint8Array.from({ length }, (_, at) => at * (7 + n)));
  const rooms: ArrayBufferLike[] = [];
  receiver.subscribe('large', (payload) => {
    const expected = sent.find(({ length }) => length === payload.length)!;
    t.is(Buffer.compare(payload, expected), 0);
    if (payload.length === sender.maxBytes) rooms.push(payload.buffer);
  });

  for (const each of [...sent, sent[0]!]) {
    await sender.deliver('large', each, AbortSignal.timeout(10_000));
  }

  t.true(rooms.length >= 2);
  t.is(new Set(rooms).size, 1);
  t.is(rooms[0]!.byteLength, sender.maxBytes);
});

natsTest('an answer to a request stays what it is when the next one comes', async (t) => {
  const { url: servers } = await natsServer(t);
  const [asker, answerer] = await Promise.all([
    openBus({ servers }, 'asker'),
    openBus({ servers }, 'answerer'),
  ]);
  t.teardown(() => Promise.all([asker.close(), answerer.close()]));
  let count = 0;
  answerer.subscribe('large', () => new Uint8Array(asker.maxBytes).fill(++count));
  await asker.deliver('large', new Uint8Array(), AbortSignal.timeout(10_000));

  const answers = await Promise.all(
    Array.from({ length: 4 }, () => asker.request('large', new Uint8Array(), 10_000)),
  );

  const whole = answers.filter((answer) => answer.every((byte) => byte === answer[0]));
  t.is(new Set(whole.map((answer) => answer[0])).size, 4);
});
