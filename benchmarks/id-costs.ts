/**
 * What do ids cost, in memory and in time: as JavaScript values in a list, and packed as Seesaw keeps them?
 *
 *     node build/benchmarks/id-costs.js --quick
 *     node build/benchmarks/id-costs.js --count 1000000 --rounds 5
 *
 * Every run is a process of its own that takes the ids from a table of DuckDB, as reading ratings does.
 * Seconds are of the processor, all threads together, so that other work on the machine counts little.
 */

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { IdCosts, IdOrder } from './lib/id-costs-worker.js';
import { describeMachine, machineLine } from './lib/machine.js';
import { formatSeconds, markdownTable } from './lib/markdown.js';
import { median, orderOf } from './lib/measure.js';
import { runChild } from './lib/run-child.js';

const { values: flags } = parseArgs({
  options: {
    count: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const count = Number(flags.count ?? (flags.quick ? 200_000 : 1_000_000));
const rounds = Number(flags.rounds ?? (flags.quick ? 2 : 5));
const worker = fileURLToPath(new URL('./lib/id-costs-worker.js', import.meta.url));

const orders = (['text of 15', 'UUIDs', 'integers'] as const).flatMap((ids) =>
  (['list', 'packed'] as const).map((as): IdOrder => ({ ids, as, count })),
);
const runs = orders.map((order) => ({ order, costs: [] as IdCosts[] }));
for (let round = 0; round < rounds; round++) {
  for (const { order, costs } of orderOf(runs, round)) {
    const args = ['--expose-gc', worker, JSON.stringify(order)];
    costs.push(await runChild<IdCosts>(process.execPath, args));
  }
}

const machine = describeMachine();
const figures = runs.map(({ order, costs }) => {
  const middle = (figure: keyof IdCosts) => median(costs.map((each) => each[figure]));
  return {
    ...order,
    bytes: middle('bytes'),
    tableBytes: middle('tableBytes'),
    peakBytes: middle('peakBytes'),
    readSeconds: middle('readSeconds'),
    tableSeconds: middle('tableSeconds'),
    findNs: middle('findNs'),
    missNs: middle('missNs'),
    atNs: middle('atNs'),
  };
});
if (flags.json) {
  for (const figure of figures) {
    process.stdout.write(`${JSON.stringify({ benchmark: 'id-costs', ...figure, machine })}\n`);
  }
} else {
  const heads = [
    'ids',
    'as',
    'bytes an id',
    'its table',
    'peak of reading',
    'read, s',
    'table, s',
    'find, ns',
    'miss, ns',
    'at, ns',
  ];
  const rows = figures.map((figure) => [
    figure.ids,
    figure.as,
    figure.bytes.toFixed(1),
    figure.tableBytes.toFixed(1),
    figure.peakBytes.toFixed(0),
    formatSeconds(figure.readSeconds),
    formatSeconds(figure.tableSeconds),
    figure.findNs.toFixed(0),
    figure.missNs.toFixed(0),
    figure.atNs.toFixed(0),
  ]);
  const versions = [`Node ${process.versions.node}`];
  process.stdout.write(`${markdownTable(heads, rows)}\n\n${machineLine(machine, versions)}\n`);
}
