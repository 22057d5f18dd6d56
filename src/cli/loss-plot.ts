import { plot } from 'simple-ascii-chart';

/** Columns of the axis and its labels beside the curve. */
const marginColumns = 12;
const maxColumns = 56;
const plotRows = 8;

/**
 * The loss after every iteration as a curve, on a logarithmic scale where the loss allows one.
 * Empty if there is no curve: for a single iteration, and if all values are equal.
 *
 * @param columns width of the terminal
 */
export function lossPlot(losses: readonly number[], columns: number): string {
  const isLogarithmic = losses.every((loss) => loss > 0);
  return curve(losses, columns, isLogarithmic ? logarithmic : linear);
}

/** A figure that grows as the model gets better, after every iteration; see `lossPlot`. */
export function gainPlot(gains: readonly number[], columns: number): string {
  return curve(gains, columns, linear);
}

interface Scale {
  readonly to: (value: number) => number;
  readonly from: (value: number) => number;
}

const linear: Scale = { to: (value) => value, from: (value) => value };
const logarithmic: Scale = { to: Math.log10, from: (value) => 10 ** value };

function curve(values: readonly number[], columns: number, scale: Scale): string {
  if (new Set(values).size < 2 || !values.every(Number.isFinite)) return '';
  const width = Math.max(12, Math.min(maxColumns, columns - marginColumns));
  const scaled = values.map(scale.to);
  const yTicks = spread(Math.min(...scaled), Math.max(...scaled), 4);
  const labels = distinctLabels(yTicks.map(scale.from));
  const drawn = plot(
    scaled.map((y, i): [number, number] => [i + 1, y]),
    {
      width,
      height: plotRows,
      customXAxisTicks: iterationTicks(values.length, Math.floor(width / 5)),
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

/** Labels with as many decimals each: `0.230` beside `0.251`. Those with a suffix stay as they are. */
function alike(labels: readonly string[]): string[] {
  const decimals = (label: string) => label.split('.')[1]?.length ?? 0;
  const most = Math.max(...labels.map(decimals));
  const arePlain = labels.every((label) => /^-?[\d.]+$/.test(label));
  return labels.map((label) => (arePlain ? Number(label).toFixed(most) : label));
}

/** Short numbers with just enough digits to tell them apart; tiny and huge ones as powers of ten. */
function distinctLabels(values: readonly number[]): string[] {
  const largest = Math.max(...values.map(Math.abs));
  const isPlain = largest === 0 || (largest >= 1e-3 && largest < 1e15);
  for (let digits = 3; ; digits++) {
    const format = new Intl.NumberFormat('en', {
      notation: isPlain ? 'compact' : 'scientific',
      maximumSignificantDigits: digits,
    });
    const labels = values.map((value) => format.format(value));
    if (digits === 8 || new Set(labels).size === labels.length) return alike(labels);
  }
}
