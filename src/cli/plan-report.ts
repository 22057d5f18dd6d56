import type { ExpectedIterations } from '../../actors/planning/expected-iterations.js';
import type { PlannedSeconds, TrainingPlan } from '../../actors/planning/training-plan.js';
import { asBytes, asCompact, asSeconds, counted } from './figures.js';
import { wrapText } from './wrap-text.js';

/** Widest bar of where the time goes, and the narrowest that has words beside it. */
const [mostBarColumns, leastBarColumns] = [40, 10];
const labelColumns = 12;
const secondsColumns = 12;

const partNames: readonly (readonly [Exclude<keyof PlannedSeconds, 'iteration'>, string])[] = [
  ['solve', 'arithmetic'],
  ['wait', 'threads without a task'],
  ['transfer', 'rows on their way, after the last block'],
  ['copy', 'rows between parts of a node'],
  ['gram', 'sums of Gram matrices'],
  ['rotate', 'rewriting both sides, shared out'],
  ['report', 'messages and events'],
];

const roads = { server: 'through the server', direct: 'from node to node' } as const;

/** A plan for people: a line for each question, and a bar of where the time goes. */
export function planText(plan: TrainingPlan, columns: number): string {
  const { shape, cluster, memory, bytes, seconds, slowest } = plan;
  const { nodes, threads, inProcess } = cluster;
  const { block } = slowest;
  const { lists, loss, basis } = plan.expectedIterations;
  const ways =
    bytes.ways.user === bytes.ways.item
      ? bytes.ways.user
      : `users ${bytes.ways.user}, items ${bytes.ways.item}`;
  const machine = `${nodes === 1 ? 'one machine' : `${counted(nodes, 'node')}`} ${inProcess ? 'without threads' : `of ${counted(threads, 'thread')}`}`;
  const rows: (readonly [label: string, text: string])[] = [
    [
      'job',
      `${asCompact(shape.users)} users × ${asCompact(shape.items)} items, ${asCompact(shape.ratings)} ratings, ` +
        `rank ${shape.rank}, ${shape.solver}, ${shape.blocks.user} and ${shape.blocks.item} blocks`,
    ],
    [
      'machines',
      nodes === 1
        ? machine
        : `${machine}, ${asCompact(cluster.networkBitsPerSecond / 1e9)} Gbit/s, rows ${roads[cluster.road]}`,
    ],
    [
      'memory',
      `${plan.fits ? 'fits' : 'DOES NOT FIT'}: ${asBytes(memory.total)} of ${asBytes(memory.offered)} a machine in ` +
        `${counted(memory.parts, 'part')}: ratings ${asBytes(memory.ratings)}, factors ${asBytes(memory.factors)}, ` +
        `copies ${asBytes(memory.copies)}, buffers ${asBytes(memory.buffers)}` +
        (nodes === 1 ? '' : `; supervisor ${asBytes(memory.supervisor)}`),
    ],
  ];
  if (nodes > 1) {
    rows.push([
      'bytes',
      `${ways}: ${asBytes(bytes.perNode)} into a node an iteration` +
        (cluster.road === 'server' ? `, ${asBytes(bytes.throughServer)} out of the server` : '') +
        `; to all nodes ${asBytes(bytes.broadcast)} by broadcast, ${asBytes(bytes.routed)} routed`,
    ]);
  }
  rows.push(
    [
      'seconds',
      `${asSeconds(seconds.iteration)} an iteration, ${asSeconds(plan.totalSeconds)} for ${shape.iterations} and the start; ` +
        `reading takes ${asSeconds(plan.readSeconds)} on one machine`,
    ],
    [
      'iterations',
      `expect ${rangeText(lists)} until lists get no better, ${rangeText(loss)} until the loss settles, ` +
        `as with ${basis}`,
    ],
    [
      'slowest',
      `${nodes === 1 ? 'the threads' : `node ${slowest.node}`}, ${asSeconds(slowest.seconds)}; longest task ` +
        `${block.side} block ${block.block} of ${counted(block.rows, 'row')}, ${asSeconds(block.seconds)}`,
    ],
    ['bottleneck', plan.bottleneck],
  );
  for (const sentence of plan.advice) rows.push(['to change', sentence]);
  const { cpu, cores, node, kernel } = plan.figuresOf;
  rows.push(['figures of', `${cpu}, ${cores} cores, Node ${node}, ${kernel}`]);
  const text = rows.map(([label, line]) =>
    wrapText(label.padEnd(labelColumns) + line, { columns, indent: labelColumns }),
  );
  return `${text.join('\n')}\n\n${bars(seconds, columns)}\n`;
}

function rangeText({ median, low, high }: ExpectedIterations): string {
  return `${median} (${low} to ${high})`;
}

/** Where a terminal has no room for a bar and words, there are bars alone. */
function bars(seconds: PlannedSeconds, columns: number): string {
  const room = columns - labelColumns - secondsColumns - 2;
  const besideWords = room - 1 - Math.max(...partNames.map(([, what]) => what.length));
  const hasWords = besideWords >= leastBarColumns;
  const most = Math.max(1, Math.min(mostBarColumns, hasWords ? besideWords : room));
  return partNames
    .map(([name, what]) => {
      const bar = '█'.repeat(Math.round((most * seconds[name]) / seconds.iteration));
      const words = hasWords ? [what] : [];
      const head = `${name.padEnd(labelColumns)}${asSeconds(seconds[name]).padStart(secondsColumns)}`;
      return `${head}  ${[...(bar === '' ? [] : [bar]), ...words].join(' ')}`.trimEnd();
    })
    .join('\n');
}
