import { useMemo } from 'preact/hooks';
import {
  differingOptions,
  type TrialBoard,
  type TrialState,
} from '../../src/watch/view/trial-board.js';
import { duration, metricTitle, optionTitle, share, valueText } from '../format.js';
import { Scroll } from '../scroll.js';
import { Chart } from './chart.js';
import type { ChartProps } from './chart-props.js';
import { Scatter } from './scatter.js';
import { stateText } from './trial-text.js';

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
  const curves = useMemo(() => curvesOf(trials, metric), [trials]);
  return (
    <section aria-labelledby="trials" class="trials">
      <h2 id="trials">Trials</h2>
      {trials.length === 0 && <p class="quiet">The first trial is under way.</p>}
      {trials.length > 0 && (
        <div>
          <p class="quiet">
            By {metric}, best first. A trial that runs has the figure of its last iteration, on a
            sample of the users.
          </p>
          <Scroll label="Table of trials" isTall>
            <table>
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
                    <td>{share(trial.score)}</td>
                    {names.map((name) => (
                      <td key={name}>{valueText(trial.options[name])}</td>
                    ))}
                    <td class="state">{stateText(trial)}</td>
                    <td>{duration(trial.seconds)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </div>
      )}
      <div>
        <ul class="legend">
          <li>
            <span class="dot finished" /> trial
          </li>
          <li>
            <span class="dot finished best" /> the best
          </li>
          <li>
            <span class="dot running" /> running, or stopped
          </li>
        </ul>
        <div class="charts">
          {names.map((name) => (
            <Scatter key={name} trials={trials} option={name} names={names} metric={metric} />
          ))}
          {curves.xs.length > 0 && <Chart {...curves} />}
        </div>
      </div>
    </section>
  );
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
