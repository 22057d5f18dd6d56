import type { MachineFigures } from '../../actors/planning/machine-figures.js';
import type { ClusterShape, TrainingShape } from '../../actors/planning/plan-input.js';
import { planTraining } from '../../actors/planning/plan-training.js';
import { asCompact } from './figures.js';

const [width, height, left, right, top, bottom] = [680, 420, 70, 150, 50, 50];

/** Lines of the picture, with their colours. */
const lines = [
  { name: 'server', label: 'through the server', color: '#0b5fc0' },
  { name: 'direct', label: 'node to node', color: '#c8501e' },
  { name: 'solve', label: 'arithmetic alone', color: '#2e8555' },
] as const;

/**
 * Seconds of an iteration against the number of nodes, as SVG with logarithmic axes: with rows that go
 * through the server, or straight from node to node, and the arithmetic alone.
 */
export function secondsPlot(
  shape: TrainingShape,
  cluster: ClusterShape,
  figures: MachineFigures,
): string {
  const most = Math.max(64, 4 * (cluster.nodes ?? 1));
  const counts: number[] = [];
  for (let nodes = 1; nodes <= most; nodes *= 2) counts.push(nodes);
  const plans = counts.map((nodes) => ({
    nodes,
    server: planTraining(shape, { ...cluster, nodes, road: 'server' }, figures).seconds,
    direct: planTraining(shape, { ...cluster, nodes, road: 'direct' }, figures).seconds,
  }));
  const points = lines.map(({ name }) =>
    plans.map(({ nodes, server, direct }) => ({
      nodes,
      seconds: name === 'solve' ? server.solve : { server, direct }[name].iteration,
    })),
  );
  const all = points.flat().map(({ seconds }) => seconds);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const x = (nodes: number) =>
    left + ((width - left - right) * Math.log2(nodes)) / Math.log2(counts.at(-1)!);
  const y = (seconds: number) =>
    height - bottom - ((height - top - bottom) * Math.log(seconds / low)) / Math.log(high / low);
  const text = (at: readonly [number, number], words: string, more = '') =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" ${more}>${words}</text>`;
  const parts = [
    `<rect width="100%" height="100%" fill="white"/>`,
    text(
      [left, 24],
      `Seconds of an iteration, ${asCompact(shape.ratings)} ratings`,
      'font-weight="bold"',
    ),
    text([left, height - 10], 'nodes'),
    ...counts.map((nodes) =>
      text([x(nodes), height - bottom + 18], `${nodes}`, 'text-anchor="middle"'),
    ),
    ...ticksBetween(low, high).flatMap((seconds) => [
      text([left - 8, y(seconds) + 4], asCompact(seconds), 'text-anchor="end"'),
      `<path d="M${left} ${y(seconds).toFixed(1)}H${width - right}" stroke="#eee"/>`,
    ]),
    ...labelsOf(points.map((line) => y(line.at(-1)!.seconds))).map((at, line) =>
      text([width - right + 8, at + 4], lines[line]!.label, `fill="${lines[line]!.color}"`),
    ),
    ...points.map((line, at) => {
      const path = line.map(
        ({ nodes, seconds }) => `${x(nodes).toFixed(1)} ${y(seconds).toFixed(1)}`,
      );
      return `<path d="M${path.join('L')}" fill="none" stroke-width="2" stroke="${lines[at]!.color}"/>`;
    }),
  ];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    `font-family="sans-serif" font-size="12">\n${parts.join('\n')}\n</svg>\n`
  );
}

/** 1, 2 and 5 times powers of ten within the range; only the powers where there are many. */
function ticksBetween(low: number, high: number): number[] {
  const steps = high / low > 1000 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const step of steps) ticks.push(step * 10 ** power);
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/** Heights of labels, moved apart where they would lie on each other. */
function labelsOf(heights: readonly number[]): number[] {
  const apart = 15;
  const order = heights.map((_, at) => at).sort((a, b) => heights[a]! - heights[b]!);
  const moved = [...heights];
  for (const [n, at] of order.entries()) {
    if (n > 0) moved[at] = Math.max(moved[at]!, moved[order[n - 1]!]! + apart);
  }
  return moved;
}
