import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { Command } from 'commander';
import { addServeFlags } from '../../../src/cli/serve-flags.js';
import { randomModel } from '../../helpers/builders/models.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';
import { seesaw } from '../../helpers/programs/command-line.js';
import { killServices } from '../../helpers/suites/killed-services.js';

const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

test('serve answers with titles and categories, loads again on SIGHUP, and ends with Ctrl-C', async (t) => {
  const folder = await scratchFolder(t);
  const model = join(folder, 'model');
  await randomModel({ rank: 4, users: 20, items: 30 }).save(model);
  const films = [
    'itemId,title,genres,year',
    '3,"A film, with a comma",Drama|War,1999',
    '5,Another,Drama,',
  ];
  writeFileSync(join(folder, 'films.csv'), `${films.join('\n')}\n`);
  const flags = ['--port', '0', '--titles', join(folder, 'films.csv'), '--no-watch', '--json'];
  const child = spawn(process.execPath, [main, 'serve', model, ...flags], {
    env: { ...process.env, SEESAW_ADMIN_TOKEN: 'a-token-of-the-environment' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const events: { type: string; [name: string]: unknown }[] = [];
  const waiting = new Map<string, (event: (typeof events)[number]) => void>();
  createInterface(child.stdout).on('line', (line) => {
    const event = JSON.parse(line);
    events.push(event);
    waiting.get(event.type)?.(event);
  });
  const next = (type: string) =>
    new Promise<(typeof events)[number]>((resolve) => waiting.set(type, resolve));

  const { url } = await next('listening');
  const asked = await fetch(`${url}/users/7/recommendations?category=drama&filterSeen=false`);
  const { items } = (await asked.json()) as { items: { itemId: number }[] };
  t.deepEqual(items.map(({ itemId }) => itemId).sort(), [3, 5]);
  t.like(
    items.find(({ itemId }) => itemId === 3),
    { title: 'A film, with a comma', categories: ['Drama', 'War'], attributes: { year: 1999 } },
  );

  const swapped = next('swapped');
  child.kill('SIGHUP');
  t.like(await swapped, { generation: 2, reason: 'signal' });

  child.kill('SIGINT');
  const [status] = await once(child, 'exit');
  t.is(status, 0);
  t.is(errors, '');
  t.deepEqual(
    events.map(({ type }) => type),
    ['swapped', 'listening', 'request', 'swapped', 'draining', 'closed'],
  );
  t.notRegex(JSON.stringify(events), /a-token/);
});

for (const [flags, message, status] of [
  // Before it looks for a model.
  [['no-model', '--port', '99999'], /--port is 99999; expected an integer/, 2],
  [['model', '--retrain', '0 3 * * *'], /--retrain without --from/, 2],
  [['model', '--token', 'short'], /token/, 2],
  [['model', '--max-count', '0'], /--max-count is 0; expected an integer/, 2],
  [['no-such-model'], /^seesaw: found no model .*ERR_MODEL_NOT_FOUND\)\n$/, 1],
] as const) {
  test(`serve ${flags.join(' ')} fails and says why`, async (t) => {
    const result = await seesaw(['serve', ...flags]);

    t.is(result.status, status, result.stderr);
    t.regex(result.stderr, message);
    t.notRegex(result.stderr, /short/);
  });
}

test('a service that is killed loses nothing that it acknowledged', async (t) => {
  const { problems, acknowledged } = await killServices(1, 2, await scratchFolder(t));

  t.deepEqual(problems, []);
  t.true(acknowledged > 0);
});

test('the image has the files that it needs, and runs the command without root', (t) => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const letIn = readFileSync('.dockerignore', 'utf8').split('\n');

  const [, locked] = /^COPY (\S+) \.\/$/m.exec(dockerfile)!;
  t.true(existsSync(locked!) && letIn.includes(`!${locked}`), locked);
  const { name: packed, bin } = JSON.parse(readFileSync('package.json', 'utf8'));
  const [, archive] = /^ADD (\S+) /m.exec(dockerfile)!;
  t.is(archive, `${packed}-*.tgz`);
  t.true(letIn.includes(`!${archive}`));
  t.true(dockerfile.includes(`ENTRYPOINT ["node", "${bin.seesaw}"]`));
  const [, run] = /^CMD (.*)$/m.exec(dockerfile)!;
  const [name, ...args] = JSON.parse(run!);
  const command = addServeFlags(new Command(name)).exitOverride();
  command.parse(args, { from: 'user' });
  t.like(command.opts(), { host: '0.0.0.0', drain: 5, json: true });
  t.regex(dockerfile.slice(dockerfile.lastIndexOf('FROM ')), /^USER node$/m);
});
