import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { envelope } from '../../src/watch/view/envelope.js';
import { figure, short } from '../format.js';
import type { ChartProps, Series } from './chart-props.js';
import { ChartTable } from './chart-table.js';
import { useTheme, useWidth } from './theme.js';

const height = 208;

/** Between the marks of an axis of iterations. */
const wholeSteps = [0, 1, 2, 3, 4, 5, 6].flatMap((power) =>
  [1, 2, 5].map((each) => each * 10 ** power),
);

/**
 * Lines over x. The axes follow the data; y is logarithmic where values span a factor of 50. Keys
 * move a cursor whose values are read out; a table holds the same figures.
 */
export function Chart({ title, xName, xs, series }: ChartProps) {
  const box = useRef<HTMLElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const width = useWidth(box);
  const theme = useTheme();
  const [said, setSaid] = useState('');
  const [at, setAt] = useState<number | undefined>();
  const isLog = spansMuch(series);
  const shape = JSON.stringify([series.map((each) => ({ ...each, values: 0 })), isLog]);

  // `shape` stands for the series.
  useEffect(() => {
    if (width === 0 || box.current === null) return undefined;
    const drawn = new uPlot(
      {
        width,
        height,
        padding: [8, 8, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: true, y: false } },
        scales: { x: { time: false }, y: { distr: isLog ? 3 : 1 } },
        axes: [
          {
            ...axis(theme.quiet, theme.grid),
            size: 26,
            label: xName,
            labelSize: 18,
            labelGap: 0,
            labelFont: '12px system-ui, sans-serif',
            incrs: wholeSteps,
          },
          { ...axis(theme.quiet, theme.grid), size: 56 },
        ],
        series: [
          {},
          ...series.map(({ colour, isDashed }) => {
            const stroke = theme.lines[colour % theme.lines.length]!;
            return {
              stroke,
              width: isDashed ? 1 : 2,
              ...(isDashed && { dash: [4, 4] }),
              ...(isDashed && { points: { show: false } }),
              spanGaps: true,
            };
          }),
        ],
      },
      [[]],
      box.current,
    );
    plot.current = drawn;
    return () => {
      drawn.destroy();
      plot.current = undefined;
    };
  }, [width, theme, shape]);

  // a new plot needs the data again.
  useEffect(() => {
    if (plot.current === undefined) return;
    const points = envelope({ xs, ys: series.map(({ values }) => values) }, width);
    plot.current.setData([points.xs, ...points.ys] as uPlot.AlignedData);
  }, [xs, series, width, theme, shape]);

  const read = (index: number): void => {
    const to = Math.max(0, Math.min(xs.length - 1, index));
    setAt(to);
    const values = series.map(({ name, values }) => `${name} ${figure(values[to])}`);
    setSaid(`${xName} ${figure(xs[to])}: ${values.join(', ')}`);
    const left = plot.current?.valToPos(xs[to]!, 'x') ?? -10;
    plot.current?.setCursor({ left, top: height / 2 });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const last = xs.length - 1;
    const from = at ?? last + 1;
    const moves: Record<string, number> = {
      ArrowLeft: from - 1,
      ArrowRight: from + 1,
      PageUp: from - 10,
      PageDown: from + 10,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    read(to);
  };
  const onMove = (): void => {
    const left = plot.current?.cursor.left ?? -1;
    if (plot.current === undefined || left < 0 || xs.length === 0) return;
    const x = plot.current.posToVal(left, 'x');
    read(nearest(xs, x));
  };

  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
      </figcaption>
      <ul class="legend">
        {series.map(({ name, colour, isDashed, values }) => (
          <li key={name}>
            <span class={`key line-${(colour % 6) + 1} ${isDashed ? 'dashed' : ''}`} />
            {name} <strong>{figure(lastOf(values))}</strong>
          </li>
        ))}
      </ul>
      <section
        class="plot"
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys read the values out.
        tabIndex={0}
        aria-label={`${title}: arrow keys read the values`}
        onKeyDown={onKeyDown}
        onPointerMove={onMove}
      />
      <output class="readout">{said}</output>
      <ChartTable title={title} xName={xName} xs={xs} series={series} />
    </figure>
  );
}

function axis(stroke: string, grid: string): uPlot.Axis {
  return {
    stroke,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1, size: 4 },
    values: (_, splits) => splits.map((each) => (each === null ? '' : short(each))),
    font: '12px system-ui, sans-serif',
  };
}

function spansMuch(series: readonly Series[]): boolean {
  let [least, greatest] = [Number.POSITIVE_INFINITY, 0];
  for (const { values } of series) {
    for (const value of values) {
      if (value === null || value === undefined) continue;
      if (value <= 0) return false;
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
  }
  return greatest > 50 * least;
}

/** The last value there is. */
function lastOf(values: Series['values']): number | null | undefined {
  return values.findLast((value) => value !== null && value !== undefined);
}

/** The position of the value next to `x`, in rising values. */
function nearest(xs: readonly number[], x: number): number {
  let [from, end] = [0, xs.length - 1];
  while (from < end) {
    const middle = (from + end) >> 1;
    if (xs[middle]! < x) from = middle + 1;
    else end = middle;
  }
  return from > 0 && x - xs[from - 1]! < xs[from]! - x ? from - 1 : from;
}
