/**
 * How long does a service (`seesaw serve`) take for a list under load?
 *
 *     node build/benchmarks/serve-load.js --quick
 *     node build/benchmarks/serve-load.js --model /tmp/m
 *
 * First the highest load: connections that ask again as soon as they are answered. Then shares of it, at
 * random times. The service and the load generator are processes of their own.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { heavyTailedModel } from './lib/heavy-tailed-model.js';
import type { LoadAnswers, LoadOrder } from './lib/load-worker.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { markdownTable } from './lib/markdown.js';
import { runChild } from './lib/run-child.js';

const { values: flags } = parseArgs({
  options: {
    count: { type: 'string', default: '20' },
    /** Of each row of the table, after its warming up. */
    seconds: { type: 'string' },
    connections: { type: 'string', default: '1,4,16,64' },
    shares: { type: 'string', default: '30,60,80' },
    /** Where a trained model lies, or is to be saved. */
    model: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const size = flags.quick
  ? { users: 5_000, items: 50_000, ratings: 500_000, rank: 64 }
  : { users: 100_000, items: 1_000_000, ratings: 20_000_000, rank: 64 };
const seconds = Number(flags.seconds ?? (flags.quick ? 2 : 12));
const count = Number(flags.count);
/** Of each row, before answers count. */
const warmSeconds = flags.quick ? 1 : 3;

const scratch = mkdtempSync(join(tmpdir(), 'seesaw-load-'));
let service: ChildProcess | undefined;
try {
  const path = flags.model ?? join(scratch, 'model');
  const { userIds, itemIds, rank, seen } = await heavyTailedModel(size, path);
  const { users, items } = { users: userIds.length, items: itemIds.length };
  const opened = await serve(path);
  service = opened.service;
  const ask = (load: LoadOrder['load']) =>
    askFor({ url: opened.url, users, count, warmSeconds, seconds, load });
  const lines: (readonly string[])[] = [];
  let highest = 0;
  for (const connections of flags.connections.split(',').map(Number)) {
    const answers = await ask({ connections });
    highest = Math.max(highest, answers.ms.length / answers.seconds);
    lines.push(lineOf(`${connections} at a time`, answers));
  }
  for (const share of flags.shares.split(',').map(Number)) {
    const answers = await ask({ perSecond: (share / 100) * highest });
    lines.push(lineOf(`${share} % of the highest`, answers));
  }
  const seenItems = Math.round(seen.items.length / users);
  process.stdout.write(
    `${items} items, rank ${rank}, top ${count}, ${seenItems} seen items left out on average\n\n` +
      markdownTable(
        [
          'load',
          'requests a second',
          'median ms',
          'p99 ms',
          'p99.9 ms',
          'at most 10 ms inside',
          'refused',
        ],
        lines,
      ) +
      `\n${machineLine(describeMachine(), [`seesaw on Node ${process.version}`])}\n`,
  );
} finally {
  service?.kill();
  rmSync(scratch, { recursive: true });
}

/** Starts the command, and waits until it listens. */
async function serve(path: string): Promise<{ service: ChildProcess; url: string }> {
  const folder = dirname(createRequire(import.meta.url).resolve('seesaw/package.json'));
  const command = join(folder, 'build/src/cli/main.js');
  const args = [command, 'serve', path, '--port', '0', '--no-log', '--no-watch'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout! })) {
    const [, url] = /listening at (\S+?);/.exec(line) ?? [];
    if (url !== undefined) return { service: child, url };
  }
  throw new Error('found that the service ended; expected it to listen');
}

interface Measured extends LoadAnswers {
  /** Share of the requests, also of the first, that took at most 10 ms by the service's own clock. */
  readonly within: number;
}

async function askFor(order: LoadOrder): Promise<Measured> {
  const worker = fileURLToPath(new URL('./lib/load-worker.js', import.meta.url));
  const before = await answeredBy(order.url);
  const answers = await runChild<LoadAnswers>(process.execPath, [worker, JSON.stringify(order)]);
  const after = await answeredBy(order.url);
  const within = (after.within - before.within) / (after.all - before.all);
  return { ...answers, within };
}

/** Lists that a service has answered, and those within 10 ms. */
async function answeredBy(url: string): Promise<{ readonly all: number; readonly within: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const bucket = (bound: string) => {
    const name = `seesaw_http_request_seconds_bucket{le="${bound}",route="/users/:user/recommendations"}`;
    const line = text.split('\n').find((each) => each.startsWith(name)) ?? '0';
    return Number(line.slice(line.lastIndexOf(' ') + 1));
  };
  return { all: bucket('+Inf'), within: bucket('0.01') };
}

function lineOf(load: string, measured: Measured): readonly string[] {
  const { ms, seconds: taken, refused, within } = measured;
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(2);
  const rate = (ms.length / taken).toFixed(0);
  const share = `${(100 * within).toFixed(1)} %`;
  return [load, rate, at(0.5), at(0.99), at(0.999), share, String(refused)];
}
