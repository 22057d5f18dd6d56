/**
 * Draws seconds per iteration against rank and threads, for Seesaw and every peer, as SVG.
 *
 *     node build/benchmarks/iteration-speed.js --output benchmarks/results/speed.json
 *     node build/benchmarks/plot.js benchmarks/results/speed.json benchmarks/results/speed-spark.json
 *
 * The runs of all files are drawn together, a picture for each case:
 * `benchmarks/results/seconds-per-iteration-1m.svg`, or where `--to` says.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { cases } from './lib/cases.js';
import type { SpeedReport } from './lib/iteration-report.js';
import { median } from './lib/measure.js';
import { spreadLabels } from './lib/spread-labels.js';

/** One run of one library, as it is drawn. */
interface Point {
  readonly caseName: string;
  /** Who ran: Seesaw by its Node, peers by name. */
  readonly who: string;
  readonly solver: string;
  readonly threads: number;
  readonly rank: number;
  readonly seconds: number;
}

const height = 280;
const colors: Readonly<Record<string, string>> = {
  implicit: '#c8501e',
  cmfrec: '#2e8555',
  'Spark MLlib': '#7d4fb3',
};
const seesawColors = ['#0b5fc0', '#5aa0e6'];
const names: Readonly<Record<string, string>> = { pyspark: 'Spark MLlib' };

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { to: { type: 'string', default: 'benchmarks/results' } },
});
const reports: SpeedReport[] = positionals.map((file) => JSON.parse(readFileSync(file, 'utf8')));
const points = pointsOf(reports);
for (const caseName of new Set(points.map((point) => point.caseName))) {
  const file = join(flags.to, `seconds-per-iteration-${caseName}.svg`);
  writeFileSync(
    file,
    draw(
      caseName,
      points.filter((point) => point.caseName === caseName),
    ),
  );
  process.stdout.write(`${file}\n`);
}

/** Every run once; where files tell of the same one, the last counts. */
function pointsOf(reports: readonly SpeedReport[]): Point[] {
  const runs = new Map<string, Point>();
  for (const { outcomes } of reports) {
    // Where Seesaw ran again with another λ, for a peer that scales it, the first says enough.
    const drawn = outcomes.filter(
      ({ library, regularizationExponent }) => library !== 'seesaw' || regularizationExponent === 0,
    );
    for (const { caseName, library, runtime, solver, threads, rank, seconds } of drawn) {
      const node = /^Node \d+/.exec(runtime);
      const who = library === 'seesaw' ? `Seesaw, ${node}` : (names[library] ?? library);
      const point = { caseName, who, solver, threads, rank, seconds: median(seconds) };
      runs.set([caseName, who, solver, threads, rank].join(), point);
    }
  }
  return [...runs.values()].sort((a, b) => a.rank - b.rank);
}

/** A row for each solver and a column for each number of threads; both axes are logarithmic. */
function draw(caseName: string, points: readonly Point[]): string {
  const ranks = [...new Set(points.map(({ rank }) => rank))].sort((a, b) => a - b);
  const solvers = [...new Set(points.map(({ solver }) => solver))];
  const seconds = points.map((point) => point.seconds);
  const domain = [Math.min(...seconds) / 1.3, Math.max(...seconds) * 1.3] as const;
  const threadCounts = [...new Set(points.map(({ threads }) => threads))];
  const panels = solvers
    .flatMap((solver) => threadCounts.map((threads) => ({ solver, threads })))
    .map((at) => points.filter((p) => p.solver === at.solver && p.threads === at.threads))
    .filter((panel) => panel.length > 0);
  const labels = panels.flatMap((panel) => {
    const last = new Map(panel.map((point) => [point.who, point]));
    // Labels stand side by side only where lines end at the same rank.
    return ranks.flatMap((rank) => {
      const ends = [...last.values()].filter((point) => point.rank === rank);
      return spreadLabels(ends, (14 / height) * Math.log(domain[1] / domain[0]));
    });
  });
  const panel = { fx: 'threads', fy: 'solver' } as const;
  const line = { ...panel, x: 'rank', y: 'seconds', stroke: 'who' } as const;
  const known = cases.find(({ name }) => name === caseName);
  const count = (n: number) => n.toLocaleString('en');
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const svg = Plot.plot({
    document,
    width: 810,
    height: height * solvers.length + 110,
    ...{ marginTop: 66, marginLeft: 72, marginRight: 124, marginBottom: 44 },
    style: { background: 'white', color: '#222', fontSize: '12px', fontFamily: 'sans-serif' },
    x: { type: 'log', base: 2, domain: [ranks[0]!, ranks.at(-1)!], insetLeft: 12, insetRight: 12 },
    y: { type: 'log', domain },
    fx: { label: null, padding: 0.32, axis: null },
    fy: { label: null, padding: 0.16, axis: null, domain: solvers },
    color: { domain: [...new Set(points.map(({ who }) => who))], range: rangeOf(points) },
    marks: [
      Plot.gridY({ stroke: '#ddd', strokeOpacity: 1 }),
      Plot.gridX({ stroke: '#eee', strokeOpacity: 1, ticks: ranks }),
      Plot.frame({ stroke: '#999' }),
      Plot.axisX({ ticks: ranks, tickFormat: String, label: null }),
      Plot.axisY({ ticks: 5, tickFormat: (value: number) => `${value}`, label: null }),
      Plot.line(points, { ...line, strokeWidth: 2 }),
      Plot.dot(points, { ...line, fill: 'who', r: 3 }),
      Plot.text(labels, {
        ...panel,
        ...{ x: 'rank', y: 'labelAt', text: 'who', fill: 'who' },
        ...{ textAnchor: 'start', dx: 9, fontWeight: 'bold' },
      }),
      Plot.text(
        panels.map(([first]) => first!),
        {
          ...panel,
          text: ({ solver, threads }: Point) =>
            `${solver}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
          ...{ frameAnchor: 'top-left', dy: -16, fontWeight: 'bold', fontSize: 13 },
        },
      ),
      Plot.text(
        [
          'Seconds per iteration (both phases and the loss), lower is better\n' +
            (known
              ? `${count(known.count)} ratings by ${count(known.users)} users of ${count(known.items)} items`
              : caseName),
        ],
        {
          facet: 'super',
          frameAnchor: 'top-left',
          dx: -52,
          dy: -58,
          fontSize: 14,
          lineHeight: 1.3,
        },
      ),
      Plot.text(['rank (latent dimensions)'], {
        ...{ facet: 'super', frameAnchor: 'bottom', dy: 38 },
      }),
      Plot.text(['seconds per iteration'], {
        ...{ facet: 'super', frameAnchor: 'left', rotate: -90, dx: -58 },
      }),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  // Not every viewer knows the background of a style: dark pages would show through.
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of Object.entries({ width: '100%', height: '100%', fill: 'white' })) {
    paper.setAttribute(name, value);
  }
  svg.prepend(paper);
  return `${svg.outerHTML}\n`;
}

function rangeOf(points: readonly Point[]): string[] {
  const others = seesawColors.values();
  return [...new Set(points.map(({ who }) => who))].map(
    (who) => colors[who] ?? others.next().value ?? '#444',
  );
}
