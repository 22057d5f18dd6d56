import test from 'ava';
import { nodes } from '../../../../../actors/placements/nodes/nodes.js';
import {
  isBareAddress,
  isLoopback,
  shownPath,
  withoutSecrets,
} from '../../../../../actors/placements/nodes/transport/hide-secrets.js';
import { openBus } from '../../../../../actors/placements/nodes/transport/nats.js';
import { startWorker } from '../../../../../actors/placements/nodes/worker/start-worker.js';
import { InvalidOptionError } from '../../../../../src/errors.js';

const secret = 'hunter2';
const seed = 'SUAKJESHKJESHKJESHKJESHKJESHKJESHKJESHKJESHKJESHKJESHKJESH';

test('an address with a secret is refused everywhere, and the secret is in no error', async (t) => {
  for (const address of [
    `nats://ann:${secret}@10.0.0.5:4222`,
    `nats://${secret}@10.0.0.5`,
    `ann:${secret}@host:4222`,
    `nats://host:4222?token=${secret}`,
    `nats://a@b:${secret}@host`,
  ]) {
    t.false(isBareAddress(address), address);
    t.false(withoutSecrets(address).includes(secret), address);
    const servers = ['nats://127.0.0.1:1', address];
    const errors = [
      t.throws(() => nodes({ servers }), { instanceOf: InvalidOptionError }),
      await t.throwsAsync(startWorker({ servers }), { instanceOf: InvalidOptionError }),
    ];
    for (const error of errors) t.false(`${error!.message}${error!.stack}`.includes(secret));
  }
});

test('a plain address is taken', (t) => {
  for (const address of ['nats://10.0.0.5:4222', 'host', 'tls://[::1]:4222', 'host:1/']) {
    t.true(isBareAddress(address), address);
  }
});

test('a seed or a key that is given as a path is not shown', async (t) => {
  const pem = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`;
  for (const proof of [
    { nkey: seed },
    { creds: `-----BEGIN USER NKEY SEED-----\n${seed}` },
    { creds: `eyJ.${secret}.x` },
    { tls: { cert: '/absent.pem', key: pem } },
    { tls: { ca: pem } },
  ]) {
    const opening = openBus({ servers: 'nats://127.0.0.1:1', ...proof }, 'test');
    const error = await t.throwsAsync(opening, { instanceOf: InvalidOptionError });
    const text = `${error!.message}${error!.stack}`;
    t.false(text.includes(secret) || text.includes(seed), text);
  }
  t.is(shownPath('/etc/seesaw/worker.nk'), '/etc/seesaw/worker.nk');
});

test('loopback addresses are known from others', (t) => {
  for (const own of ['127.0.0.1:4222', 'localhost:4222', '[::1]:4222', 'nats://127.3.2.1']) {
    t.true(isLoopback(own), own);
  }
  for (const other of [
    '10.0.0.5:4222',
    '127.0.0.1.evil.test:4222',
    'localhost.test',
    '0.0.0.0:1',
  ]) {
    t.false(isLoopback(other), other);
  }
});
