import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { median } from './measure.js';
import type { QualityResult } from './quality-trial.js';

/** All rounds of all contenders with one rank and number of threads. */
export interface QualityOutcome {
  readonly rank: number;
  readonly threads: number;
  readonly results: Readonly<Record<string, readonly QualityResult[]>>;
}

const names: Readonly<Record<string, string>> = {
  seesaw: 'Seesaw',
  'seesaw-random': 'Seesaw, random start',
  implicit: 'implicit, cg',
  'implicit-cholesky': 'implicit, Cholesky',
  cmfrec: 'cmfrec, Cholesky',
  'cmfrec-cg': 'cmfrec, cg',
};
const colors = ['#0b5fc0', '#5aa0e6', '#c8501e', '#e69a5a', '#2e8555', '#7d4fb3'];

/** NDCG@20 against seconds, a panel for each rank and number of threads, as SVG. */
export function drawQuality(outcomes: readonly QualityOutcome[]): string {
  const points = outcomes.flatMap(({ rank, threads, results }) =>
    Object.entries(results).flatMap(([who, runs]) =>
      runs[0]!.ndcgs.map((_, i) => ({
        panel: `rank ${rank}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
        who: names[who]!,
        seconds: median(runs.map(({ seconds }) => seconds[i]!)),
        ndcg: median(runs.map(({ ndcgs }) => ndcgs[i]!)),
      })),
    ),
  );
  const whos = [...new Set(points.map(({ who }) => who))];
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const channels = { fx: 'panel', x: 'seconds', y: 'ndcg', stroke: 'who' } as const;
  const legend = whos.map((who, i) => ({ who, i }));
  const panels = [...new Set(points.map(({ panel }) => panel))];
  const svg = Plot.plot({
    document,
    width: Math.max(680, 400 * panels.length),
    height: 380,
    ...{ marginTop: 96, marginLeft: 62, marginRight: 16, marginBottom: 48 },
    style: { background: 'white', color: '#222', fontSize: '12px', fontFamily: 'sans-serif' },
    x: { type: 'log', label: null, tickFormat: (value: number) => `${value}`, ticks: 5 },
    y: { label: null, grid: true },
    fx: { label: null, axis: null, padding: 0.16, domain: panels },
    color: { domain: whos, range: colors.slice(0, whos.length) },
    marks: [
      Plot.frame({ stroke: '#999' }),
      Plot.line(points, { ...channels, strokeWidth: 2 }),
      Plot.dot(points, { ...channels, fill: 'who', r: 2.5 }),
      Plot.text(panels, {
        ...{ fx: (panel: string) => panel, text: (panel: string) => panel },
        ...{ frameAnchor: 'top-left', dy: -16, fontWeight: 'bold' },
      }),
      Plot.text(
        ['NDCG@20 on withheld ratings against seconds of training; a dot is an iteration'],
        {
          ...{ facet: 'super', frameAnchor: 'top-left', dx: -44, dy: -84, fontSize: 14 },
        },
      ),
      ...legend.map(({ who, i }) =>
        Plot.text([who], {
          ...{ facet: 'super', frameAnchor: 'top-left', dx: -44 + 150 * (i % 4) },
          ...{ dy: -62 + 17 * Math.floor(i / 4), fill: colors[i]!, fontWeight: 'bold' },
        }),
      ),
      Plot.text(['seconds'], { facet: 'super', frameAnchor: 'bottom', dy: 40 }),
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
