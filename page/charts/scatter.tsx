import { useRef, useState } from 'preact/hooks';
import type { TrialState } from '../../src/watch/view/trial-board.js';
import { numberAxis, optionAxis } from '../../src/watch/view/value-axis.js';
import { figure, optionTitle } from '../format.js';
import { useWidth } from './theme.js';
import { trialText } from './trial-text.js';

const height = 208;
const [left, bottom, top] = [52, 24, 8];

/** The values of an option against the metric: a point for every trial that has a figure. */
export function Scatter({
  trials,
  option,
  names,
  metric,
}: {
  /** Best first. */
  readonly trials: readonly TrialState[];
  readonly option: string;
  /** Options that differ between trials. */
  readonly names: readonly string[];
  readonly metric: string;
}) {
  const box = useRef<HTMLElement>(null);
  const width = useWidth(box);
  const [chosen, setChosen] = useState<number>();
  const points = trials.filter(
    ({ status, score, options }) =>
      status !== 'failed' && score !== undefined && options[option] !== undefined,
  );
  const title = `${metric} by ${optionTitle(option)}`;

  const xAxis = optionAxis(points.map(({ options }) => options[option]!));
  const yAxis = numberAxis(points.map(({ score }) => score!));
  const x = (value: string | number | boolean) => left + (width - left) * xAxis.place(value);
  const y = (value: number) => top + (height - top - bottom) * (1 - yAxis.place(value));
  const placed = points.map((trial) => ({
    trial,
    x: x(trial.options[option]!),
    y: y(trial.score!),
  }));
  const ordered = placed.toSorted((a, b) => a.x - b.x || a.y - b.y);
  const said = points.find(({ trial }) => trial === chosen);

  const onMove = (event: PointerEvent): void => {
    const bounds = box.current!.getBoundingClientRect();
    const [atX, atY] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const distance = (point: { x: number; y: number }) => Math.hypot(point.x - atX, point.y - atY);
    if (placed.length === 0) return;
    const nearest = placed.reduce((a, b) => (distance(b) < distance(a) ? b : a));
    setChosen(nearest.trial.trial);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const last = ordered.length - 1;
    const from = ordered.findIndex(({ trial }) => trial.trial === chosen);
    const moves: Record<string, number> = {
      ArrowLeft: from < 0 ? last : from - 1,
      ArrowRight: from + 1,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    setChosen(ordered[Math.max(0, Math.min(last, to))]!.trial.trial);
  };

  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
      </figcaption>
      <section
        class="plot"
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys walk over the points.
        tabIndex={0}
        aria-label={`${title}: arrow keys go from trial to trial`}
        onKeyDown={onKeyDown}
        onPointerMove={onMove}
      >
        {width > 0 && points.length > 0 && (
          <svg class="scatter" width={width} height={height} aria-hidden="true">
            {yAxis.ticks.map((tick) => (
              <g key={tick}>
                <line x1={left} x2={width} y1={y(Number(tick))} y2={y(Number(tick))} />
                <text x={left - 8} y={y(Number(tick)) + 4} text-anchor="end">
                  {figure(Number(tick))}
                </text>
              </g>
            ))}
            {xAxis.ticks.map((tick) => (
              <g key={tick}>
                <line x1={x(tick)} x2={x(tick)} y1={top} y2={height - bottom} />
                <text x={x(tick)} y={height - 6} text-anchor="middle">
                  {typeof tick === 'number' ? figure(tick) : String(tick)}
                </text>
              </g>
            ))}
            {placed.toReversed().map(({ trial: { trial, status }, x, y }) => (
              <circle
                key={trial}
                cx={x}
                cy={y}
                r={trial === chosen ? 7 : 4.5}
                class={`${status} ${trial === points[0]!.trial ? 'best' : ''}`}
              />
            ))}
          </svg>
        )}
      </section>
      <output class="readout">{said === undefined ? '' : trialText(said, names, metric)}</output>
    </figure>
  );
}
