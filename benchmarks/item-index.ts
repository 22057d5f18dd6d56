/**
 * How long does one list take, alone, with the index and without, beside implicit and hnswlib?
 *
 *     node build/benchmarks/item-index.js --quick
 *     node build/benchmarks/item-index.js --items 1000000 --users 100000 --ratings 20000000 --model /tmp/m
 *
 * The model is trained on made-up ratings whose counts are heavy-tailed, and kept in --model if given.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ItemIndex } from '../src/model/ranking/item-index.js';
import { seenItems } from '../src/model/seen-ratings.js';
import { rowNorms } from '../src/model/similar-rows.js';
import { heavyTailedModel } from './lib/heavy-tailed-model.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { markdownTable } from './lib/markdown.js';
import { runPeerScript } from './peers/peers.js';

const { values: flags } = parseArgs({
  options: {
    items: { type: 'string' },
    users: { type: 'string' },
    ratings: { type: 'string' },
    rank: { type: 'string', default: '64' },
    count: { type: 'string', default: '20' },
    /** Lists that are measured. */
    lists: { type: 'string', default: '500' },
    /** Where a trained model lies, or is to be saved. */
    model: { type: 'string' },
    /** hnswlib's ef_construction; 0 leaves Python out. */
    build: { type: 'string', default: '200' },
    quick: { type: 'boolean', default: false },
  },
});
const size = (flag: string | undefined, quick: number, full: number) =>
  Number(flag ?? (flags.quick ? quick : full));
const users = size(flags.users, 5_000, 100_000);
const items = size(flags.items, 50_000, 1_000_000);
const ratings = size(flags.ratings, 500_000, 20_000_000);
const rank = Number(flags.rank);
const count = Number(flags.count);

const model = await heavyTailedModel({ users, items, ratings, rank }, flags.model);
const scratch = mkdtempSync(join(tmpdir(), 'seesaw-index-'));
try {
  await measure();
} finally {
  rmSync(scratch, { recursive: true });
}

async function measure(): Promise<void> {
  const { userIds, itemFactors, userFactors } = model;
  const wanted = Number(flags.lists);
  const asked = Array.from({ length: wanted }, (_, at) => (at * 7919 + 17) % userIds.length);
  const ms = (list: (user: number) => unknown, times = asked) => {
    for (const user of times.slice(0, 10)) list(user);
    return times.map((user) => {
      const start = performance.now();
      list(user);
      return performance.now() - start;
    });
  };
  const lines: [name: string, ms: readonly number[], note: string][] = [];
  const plain = (user: number) => model.recommend(userIds[user]!, { count });
  // Below the number of calls after which a model builds its index.
  lines.push(['recommend without an index', ms(plain, asked.slice(0, 8)), '']);
  const expected = asked.slice(0, 3).map(plain);
  const norms = rowNorms(itemFactors, rank);
  for (const lead of [16, rank]) {
    const index = ItemIndex.build({ rows: itemFactors, width: rank, norms }, lead);
    let read = 0;
    const times = ms((user) => {
      const row = userFactors.subarray(user * rank, (user + 1) * rank);
      const list = index.search({
        row,
        count,
        score: 'product',
        seen: seenItems(model.seen, user),
      });
      read += list.panelsRead;
    });
    const share = ((100 * read) / (wanted + 10) / index.panelCount).toFixed(1);
    lines.push([`search, ${lead} leading coordinates`, times, `${share} % of panels read`]);
  }
  const started = performance.now();
  const { bytes } = await model.buildIndex();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  lines.push([
    'recommend with the index',
    ms(plain),
    `built in ${seconds} s, ${Math.round(bytes / 2 ** 20)} MiB`,
  ]);
  const same = JSON.stringify(asked.slice(0, 3).map(plain)) === JSON.stringify(expected);
  if (!same) throw new Error('found other lists with the index; expected the same');
  if (flags.build !== '0') lines.push(...(await peers(asked)));
  const seen = asked.reduce((sum, user) => sum + seenItems(model.seen, user).length, 0) / wanted;
  process.stdout.write(
    `${model.itemIds.length} items, rank ${rank}, top ${count}, ${Math.round(seen)} seen items left out on average\n\n` +
      markdownTable(
        ['list by', 'median ms', 'p99 ms', ''],
        lines.map(([name, times, note]) => [
          name,
          quantile(times, 0.5),
          quantile(times, 0.99),
          note,
        ]),
      ) +
      `\n${machineLine(describeMachine(), [`seesaw on Node ${process.version}`])}\n`,
  );
}

async function peers(asked: readonly number[]) {
  writeFileSync(join(scratch, 'user.f32'), model.userFactors);
  writeFileSync(join(scratch, 'item.f32'), model.itemFactors);
  const seen = asked.map((user) => Array.from(seenItems(model.seen, user)));
  writeFileSync(join(scratch, 'seen.json'), JSON.stringify(seen));
  const kept = flags.model === undefined ? join(scratch, 'hnsw') : `${flags.model}-hnsw`;
  const trial = { factors: scratch, kept, rank, count, users: asked, build: Number(flags.build) };
  const found = await runPeerScript<Record<string, PeerResult>>('one_user.py', trial);
  return Object.entries(found).map(([name, { seconds, recall, buildSeconds }]) => {
    const note =
      recall === undefined
        ? 'exact'
        : `recall ${recall.toFixed(2)}, built in ${buildSeconds!.toFixed(0)} s, nothing left out`;
    return [name, seconds.map((each) => 1000 * each), note] as [string, number[], string];
  });
}

interface PeerResult {
  readonly seconds: readonly number[];
  readonly recall?: number;
  readonly buildSeconds?: number;
}

function quantile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(2);
}
