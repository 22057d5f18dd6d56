import { useMemo } from 'preact/hooks';
import {
  differingOptions,
  type TrialBoard,
  type TrialState,
} from '../../src/watch/view/trial-board.js';
import { count, duration, figure, metricTitle, optionTitle } from '../format.js';
import { Scroll } from '../scroll.js';
import { Chart } from './chart.js';
import type { ChartProps } from './chart-props.js';

/** Curves of so many trials, the best ones. */
const maxCurves = 6;

/** The trials of a search: best first, those that run too; and every option against the metric. */
export function Trials({
  board,
  version,
}: {
  readonly board: TrialBoard;
  readonly version: number;
}) {
  // `version` says that the board has grown.
  const trials = useMemo(() => board.sorted(), [board, version]);
  const names = differingOptions(trials.map(({ options }) => options));
  const metric = metricTitle(board.metric);
  // `trials` stands for all of it.
  const charts = useMemo(
    () => [...names.flatMap((name) => scatter(trials, name, metric)), curvesOf(trials, metric)],
    [trials],
  );
  return (
    <section aria-labelledby="trials">
      <h2 id="trials">Trials</h2>
      <Scroll label="Trials">
        <table>
          <caption>by {metric}, best first</caption>
          <thead>
            <tr>
              <th scope="col">trial</th>
              <th scope="col">{metric}</th>
              {names.map((name) => (
                <th key={name} scope="col">
                  {optionTitle(name)}
                </th>
              ))}
              <th scope="col">state</th>
              <th scope="col">trained in</th>
            </tr>
          </thead>
          <tbody>
            {trials.map((trial) => (
              <tr key={trial.trial} class={trial.status}>
                <th scope="row">{trial.trial}</th>
                <td>{figure(trial.score)}</td>
                {names.map((name) => (
                  <td key={name}>{valueText(trial.options[name])}</td>
                ))}
                <td>{stateText(trial)}</td>
                <td>{duration(trial.seconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <div class="charts">
        {charts
          .filter(({ xs }) => xs.length > 0)
          .map((chart) => (
            <Chart key={chart.title} {...chart} />
          ))}
      </div>
    </section>
  );
}

function stateText({ status, iterations, ofIterations, message }: TrialState): string {
  if (status === 'running') return `iteration ${count(iterations)} of ${ofIterations ?? '?'}`;
  return status === 'failed' ? `failed: ${message}` : 'done';
}

function valueText(value: string | number | boolean | undefined): string {
  return typeof value === 'number' ? figure(value) : String(value ?? '–');
}

/** A point for every trial; none for options that are words. */
function scatter(trials: readonly TrialState[], name: string, metric: string): ChartProps[] {
  const points = trials
    .map(({ options, score }) => ({ x: options[name], y: score }))
    .filter((point): point is { x: number; y: number } => typeof point.x === 'number')
    .filter(({ y }) => y !== undefined)
    .sort((a, b) => a.x - b.x);
  if (points.length === 0) return [];
  const xs = points.map(({ x }) => x);
  return [
    {
      title: `${metric} by ${optionTitle(name)}`,
      xName: optionTitle(name),
      xs,
      xLog: xs[0]! > 0 && xs.at(-1)! > 20 * xs[0]!,
      series: [{ name: metric, values: points.map(({ y }) => y), colour: 0, isDots: true }],
    },
  ];
}

function curvesOf(trials: readonly TrialState[], metric: string): ChartProps {
  const drawn = trials.filter(({ curve }) => curve.length > 0).slice(0, maxCurves);
  const longest = Math.max(0, ...drawn.map(({ curve }) => curve.length));
  const xs = Array.from({ length: longest }, (_, at) => at + 1);
  return {
    title: `${metric} of the best trials`,
    xName: 'iteration',
    xs,
    series: drawn.map(({ trial, curve }, at) => ({
      name: `trial ${trial}`,
      values: xs.map((_, index) => curve[index] ?? null),
      colour: at,
    })),
  };
}
