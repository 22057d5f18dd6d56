import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import test, { type ExecutionContext } from 'ava';
import { operatorMode, seedOf } from '../../helpers/builders/nats-accounts.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import {
  type CommandResult,
  seesaw as seesawProcess,
  writeTwoTastes,
} from '../../helpers/programs/command-line.js';
import { seesaw } from '../../helpers/programs/commands-in-turn.js';
import { natsServer, natsTest, workerProcess } from '../../helpers/programs/nats.js';

const right = 'rightHorse7';
const wrong = 'wrongHorse8';

natsTest('no output and no file contains passwords', async (t) => {
  const folder = await scratchFolder(t);
  const file = writeTwoTastes(folder);
  const model = join(folder, 'model');
  const { url: servers } = await natsServer(t, `authorization { user: ann, password: ${right} }`);
  const asAnn = ['--nats-user', 'ann', '--nats-password', right];
  const env = { SEESAW_NATS_USER: 'ann', SEESAW_NATS_PASSWORD: right };
  await workerProcess(t, servers, 'alpha', ...asAnn);
  const training = ['train', file, '--servers', servers, '--rank', '4', '--iterations', '2'];
  const checkpoint = ['--checkpoint', join(folder, 'checkpoint')];

  const trained = await seesawProcess([
    ...training,
    '--json',
    '--output',
    model,
    ...checkpoint,
    ...asAnn,
  ]);
  const shown = await seesaw([...training, '--verbose', '--output', join(folder, 'other')], {
    env,
  });
  const working = await seesawProcess(
    ['worker', '--servers', servers, '--threads', '1', '--name', 'beta', ...asAnn],
    { interruptAt: 'worker beta' },
  );
  const refused = await refusals(servers, training, [
    '--nats-user',
    'ann',
    '--nats-password',
    wrong,
  ]);

  t.is(trained.status, 0, trained.stderr);
  t.true(trained.stdout.includes('"started"') && trained.stdout.includes('nodes(1)'));
  t.is(shown.status, 0, shown.stderr);
  t.is(working.status, 0, working.stderr);
  for (const { status, stderr } of refused) {
    t.is(status, 1);
    t.regex(stderr, /refuses these credentials/);
  }
  sayNothingOf(t, [right, wrong], [trained, shown, working, ...refused]);
  for (const written of filesIn(folder)) t.false(readFileSync(written).includes(right), written);
});

natsTest(
  'tokens, seeds and credentials of another are refused without a word of them',
  async (t) => {
    const folder = await scratchFolder(t);
    const file = writeTwoTastes(folder);
    const seed = seedOf(nkeys.createUser());
    const creds = operatorMode().creds();
    writeFileSync(join(folder, 'seed.nk'), seed);
    writeFileSync(join(folder, 'user.creds'), creds);
    const { url: servers } = await natsServer(t, `authorization { token: ${right} }`);
    const training = ['train', file, '--servers', servers, '--rank', '4'];

    const results = [
      ...(await refusals(servers, training, ['--token', wrong])),
      ...(await refusals(servers, training, ['--nkey', join(folder, 'seed.nk')])),
      ...(await refusals(servers, training, ['--creds', join(folder, 'user.creds')])),
    ];

    for (const { status, stderr } of results) {
      t.is(status, 1);
      t.regex(stderr, /refuses these credentials/);
    }
    sayNothingOf(t, [right, wrong, ...secretsIn(seed), ...secretsIn(creds)], results);
  },
);

test('a secret in the place of an address or a path is refused, and not shown', async (t) => {
  const servers = 'nats://127.0.0.1:1';
  const seed = seedOf(nkeys.createUser());
  const creds = operatorMode().creds();
  const pem = `-----BEGIN PRIVATE KEY-----\n${wrong}\n-----END PRIVATE KEY-----`;

  for (const [command, server, flags, env] of [
    ['worker', `nats://ann:${wrong}@127.0.0.1:1`, []],
    ['worker', `${servers},${wrong}@127.0.0.1`, []],
    ['worker', servers, ['--creds', creds]],
    ['worker', servers, ['--tls-ca', pem]],
    ['worker', servers, [], { SEESAW_NATS_NKEY: seed }],
    ['worker', servers, ['--token', wrong, '--nats-user', 'ann']],
    ['worker', servers, ['--nats-password', wrong]],
    ['worker', servers, [`--nats-pasword=${wrong}`]],
  ] as [string, string, string[], Record<string, string>?][]) {
    const args = [...command.split(' '), '--servers', server, '--json', ...flags];
    const result = await seesaw(args, { env: { ...env, DEBUG: 'seesaw' } });

    t.is(result.status, 2, result.stderr);
    sayNothingOf(t, [wrong, ...secretsIn(seed), ...secretsIn(creds)], [result]);
  }
});

natsTest('a cluster prints no secrets of its environment', async (t) => {
  const env = { SEESAW_NATS_TOKEN: right };

  const { status, stdout, stderr } = await seesawProcess(
    ['cluster', '--workers', '1', '--threads', '1', '--json'],
    { env, interruptAt: '"ready"' },
  );

  t.is(status, 0, stderr);
  sayNothingOf(t, [right], [{ status, stdout, stderr }]);
});

/** How a worker and a training end that are not let in. All that they can say is asked for. */
function refusals(
  servers: string,
  training: readonly string[],
  flags: readonly string[],
): Promise<CommandResult[]> {
  const worker = ['worker', '--servers', servers, '--threads', '1'];
  return Promise.all(
    [worker, training].map((command) =>
      seesaw([...command, '--json', ...flags], { env: { DEBUG: 'seesaw' } }),
    ),
  );
}

/** Lines that cannot be guessed. */
function secretsIn(text: string): string[] {
  return text.split('\n').filter((line) => line.length > 40);
}

function sayNothingOf(
  t: ExecutionContext,
  secrets: readonly string[],
  results: readonly CommandResult[],
): void {
  for (const { stdout, stderr } of results) {
    t.true(stdout.length + stderr.length > 0);
    for (const secret of secrets) t.false(`${stdout}${stderr}`.includes(secret), stderr);
  }
}

/** Every file in a folder and those below. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
