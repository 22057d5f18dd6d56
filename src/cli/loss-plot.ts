import { plot } from 'simple-ascii-chart';

/** What the axis and its labels take beside the curve. */
const marginColumns = 12;
const mostColumns = 56;
const plotRows = 8;

/**
 * The loss after every iteration as a curve, on a logarithmic scale where the loss allows one.
 * Empty for a single iteration, which makes no curve.
 *
 * @param columns width of the terminal
 */
export function lossPlot(losses: readonly number[], columns: number): string {
  if (losses.length < 2) return '';
  const isPositive = losses.every((loss) => loss > 0);
  const scale = isPositive ? Math.log10 : (loss: number) => loss;
  const unscale = isPositive ? (y: number) => 10 ** y : (y: number) => y;
  const width = Math.max(12, Math.min(mostColumns, columns - marginColumns));
  const scaled = losses.map(scale);
  const yTicks = spread(Math.min(...scaled), Math.max(...scaled), 4);
  const labels = distinctLabels(yTicks.map(unscale));
  const drawn = plot(
    scaled.map((y, i) => [i + 1, y]),
    {
      width,
      height: plotRows,
      customXAxisTicks: iterationTicks(losses.length, Math.floor(width / 5)),
      customYAxisTicks: yTicks,
      formatter: (value, { axis }) =>
        axis === 'x' ? value : (labels[yTicks.indexOf(value)] ?? ''),
    },
  );
  return drawn
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n');
}

/** `count` numbers from `low` to `high`, evenly; one when they are equal. */
function spread(low: number, high: number, count: number): number[] {
  if (low === high) return [low];
  return Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
}

/** At most `most` iterations to label, the first among them. */
function iterationTicks(iterations: number, most: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100].find((size) => iterations / size <= most);
  const every = step ?? Math.ceil(iterations / most);
  const ticks = [1];
  for (let tick = every === 1 ? 2 : every; tick <= iterations; tick += every) ticks.push(tick);
  return ticks;
}

/** Short numbers with just enough digits to tell them apart. */
function distinctLabels(values: readonly number[]): string[] {
  for (let digits = 3; ; digits++) {
    const format = new Intl.NumberFormat('en', {
      notation: 'compact',
      maximumSignificantDigits: digits,
    });
    const labels = values.map((value) => format.format(value));
    if (digits === 8 || new Set(labels).size === labels.length) return labels;
  }
}
