import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import test, { type ExecutionContext } from 'ava';
import { ConnectionError } from '../../../../../actors/errors.js';
import { inProcess } from '../../../../../actors/placements/in-process.js';
import { nodes } from '../../../../../actors/placements/nodes/nodes.js';
import { openBus } from '../../../../../actors/placements/nodes/transport/nats.js';
import type { NatsOptions } from '../../../../../actors/placements/nodes/transport/nats-options.js';
import { startWorker } from '../../../../../actors/placements/nodes/worker/start-worker.js';
import { InvalidOptionError } from '../../../../../src/errors.js';
import { authority, hasOpenssl } from '../../../../helpers/builders/certificates.js';
import { randomRatings } from '../../../../helpers/builders/jobs.js';
import { credsFile, operatorMode, seedOf } from '../../../../helpers/builders/nats-accounts.js';
import { scratchFolder } from '../../../../helpers/builders/scratch-folder.js';
import { runToEnd } from '../../../../helpers/probes/runs.js';
import {
  hasNatsServer,
  natsServer,
  natsTest,
  workerHere,
} from '../../../../helpers/programs/nats.js';

type Proof = Omit<NatsOptions, 'servers'>;

natsTest('a job runs with nkeys; another key and none are refused', async (t) => {
  const folder = await scratchFolder(t);
  const [known, stranger] = [nkeys.createUser(), nkeys.createUser()];
  const key = await written(folder, 'known.nk', `${seedOf(known)}\n`);
  const other = await written(folder, 'stranger.nk', seedOf(stranger));
  const { url: servers } = await natsServer(
    t,
    `authorization { users = [{ nkey: ${known.getPublicKey()} }] }`,
  );

  await trainsWith(t, servers, { nkey: key });
  await isRefused(t, servers, { nkey: other });
  await isRefused(t, servers, {});
});

natsTest('a job runs with credentials files; those of others are refused', async (t) => {
  const folder = await scratchFolder(t);
  const [ours, theirs] = [operatorMode(), operatorMode()];
  const creds = await written(folder, 'worker.creds', ours.creds());
  const other = await written(folder, 'other.creds', theirs.creds());
  const { url: servers } = await natsServer(t, ours.config);

  await trainsWith(t, servers, { creds });
  await isRefused(t, servers, { creds: other });
  await isRefused(t, servers, {});
});

const tlsTest = hasNatsServer && hasOpenssl ? natsTest : test.skip;

tlsTest('a job runs over TLS; a certificate of an unknown authority is refused', async (t) => {
  const folder = await scratchFolder(t);
  const ours = authority(folder);
  const theirs = authority(folder, 'other');
  const server = ours.sign('server', 'IP:127.0.0.1');
  const { url: servers } = await natsServer(t, tlsLines(server));

  await trainsWith(t, servers, { tls: { ca: ours.ca } });
  await isRefused(t, servers, { tls: { ca: theirs.ca } }, /is not trusted: .*tls: { ca/);
  await isRefused(t, servers, {}, /is not trusted: .*tls: { ca/);
});

tlsTest('a certificate for another address is refused', async (t) => {
  const folder = await scratchFolder(t);
  const { ca, sign } = authority(folder);
  const { url: servers } = await natsServer(t, tlsLines(sign('server', 'DNS:elsewhere.test')));

  await isRefused(t, servers, { tls: { ca } }, /is not trusted: .*for this address/);
});

tlsTest('a job runs over mutual TLS; no certificate and a foreign one are refused', async (t) => {
  const folder = await scratchFolder(t);
  const { ca, sign } = authority(folder);
  const foreign = authority(folder, 'foreign').sign('stranger', 'IP:127.0.0.1');
  const server = sign('server', 'IP:127.0.0.1');
  const client = sign('client', 'IP:127.0.0.1');
  const { url: servers } = await natsServer(t, tlsLines(server, `ca_file: "${ca}", verify: true`));

  await trainsWith(t, servers, { tls: { ca, ...client } });
  const reason = /client certificate \(tls.cert and tls.key\)/;
  // Each takes as long as a connection may: the server hangs up without a word.
  await Promise.all([
    isRefused(t, servers, { tls: { ca } }, reason),
    isRefused(t, servers, { tls: { ca, ...foreign } }, reason),
  ]);
});

tlsTest('TLS that the server does not speak is an error, not a plain connection', async (t) => {
  const folder = await scratchFolder(t);
  const { ca } = authority(folder);
  const { url: servers } = await natsServer(t);

  await isRefused(t, servers, { tls: { ca } }, /does not speak TLS/);
});

tlsTest('files that are no certificates, or not of this key, are refused by name', async (t) => {
  const folder = await scratchFolder(t);
  const { ca, sign } = authority(folder);
  const [one, other] = [sign('one', 'IP:127.0.0.1'), sign('other', 'IP:127.0.0.1')];
  const text = await written(folder, 'text.pem', 'not PEM');

  for (const [option, tls] of [
    ['tls.ca', { ca: join(folder, 'absent.pem') }],
    ['tls.cert', { ca, cert: text, key: one.key }],
    ['tls.key', { ca, cert: one.cert, key: text }],
    ['tls.key', { ca, cert: one.cert, key: other.key }],
  ] as const) {
    const error = await t.throwsAsync(openBus({ servers: 'nats://127.0.0.1:1', tls }, 'test'), {
      instanceOf: InvalidOptionError,
    });
    t.is((error as InvalidOptionError).option, option);
  }
});

test('files without a key are refused by name', async (t) => {
  const folder = await scratchFolder(t);
  const text = await written(folder, 'text', 'no key');
  const half = await written(folder, 'half.creds', credsFile('no jwt', 'no seed'));

  for (const [option, proof] of [
    ['nkey', { nkey: text }],
    ['nkey', { nkey: join(folder, 'absent') }],
    ['creds', { creds: text }],
    ['creds', { creds: half }],
  ] as const) {
    const error = await t.throwsAsync(
      openBus({ servers: 'nats://127.0.0.1:1', ...proof }, 'test'),
      {
        instanceOf: InvalidOptionError,
      },
    );
    t.is((error as InvalidOptionError).option, option);
  }
});

/** A worker and a supervisor with this proof train what one process does. */
async function trainsWith(t: ExecutionContext, servers: string, proof: Proof): Promise<void> {
  const ratings = randomRatings({ users: 30, items: 20, density: 0.3 });
  const options = { rank: 4, iterations: 2, blocks: 2 };
  const expected = await runToEnd(ratings, options, inProcess());
  const worker = await workerHere(t, { servers, ...proof });

  const placement = nodes({ servers, ...proof, deadline: 30 });
  const { error, factors } = await runToEnd(ratings, options, placement);

  t.is(error, undefined);
  t.deepEqual(factors, expected.factors);
  await worker.stop();
}

/** Neither a worker nor a supervisor gets in, and both say why. */
async function isRefused(
  t: ExecutionContext,
  servers: string,
  proof: Proof,
  reason = /refuses these credentials: .*; expected the right ones; try token/,
): Promise<void> {
  const { signal } = new AbortController();
  const attempts = [
    startWorker({ servers, threads: 1, ...proof }),
    nodes({ servers, ...proof }).kernels!(signal),
  ];
  await Promise.all(
    attempts.map(async (attempt) => {
      const error = await t.throwsAsync(attempt, {
        instanceOf: ConnectionError,
        code: 'ERR_CONNECTION',
      });
      t.regex(error!.message, reason);
    }),
  );
}

function tlsLines(
  { cert, key }: { readonly cert: string; readonly key: string },
  more = '',
): string {
  return `tls { cert_file: "${cert}", key_file: "${key}"\n${more} }`;
}

async function written(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}
