type Value = string | number | boolean;

/** Where values stand along an axis. */
export interface ValueAxis {
  readonly ticks: readonly Value[];
  /** From 0 to 1. */
  place(value: Value): number;
}

/** So many different values or fewer stand side by side, each with its name. */
const maxNamed = 8;
/** Left free at both ends, so that no point lies on the edge. */
const margin = 0.06;

/**
 * An axis for the values of an option: words and few different numbers at even distances, others
 * along the number line, which is logarithmic where they span a factor above 20.
 *
 * @param values at least one
 */
export function optionAxis(values: readonly Value[]): ValueAxis {
  const different = [...new Set(values)];
  const numbers = different.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  if (numbers.length === different.length && numbers.length > maxNamed) return numberAxis(numbers);
  const ticks = [...numbers, ...different.filter((value) => typeof value !== 'number')];
  const at = new Map(ticks.map((value, index) => [value, (index + 0.5) / ticks.length]));
  return { ticks, place: (value) => at.get(value) ?? 0 };
}

/**
 * An axis along the number line.
 *
 * @param values at least one
 */
export function numberAxis(values: readonly number[]): ValueAxis {
  let [least, greatest] = [Math.min(...values), Math.max(...values)];
  const isLog = least > 0 && greatest > 20 * least;
  if (least === greatest) [least, greatest] = [least - 0.5, greatest + 0.5];
  const scale = (value: number) => (isLog ? Math.log10(value) : value);
  const [from, to] = [scale(least), scale(greatest)];
  return {
    ticks: isLog ? powersBetween(least, greatest) : roundBetween(least, greatest),
    place: (value) => margin + ((1 - 2 * margin) * (scale(Number(value)) - from)) / (to - from),
  };
}

/** Powers of ten, and where there are few of them, twice and five times those. */
function powersBetween(least: number, greatest: number): number[] {
  const first = Math.floor(Math.log10(least));
  const last = Math.ceil(Math.log10(greatest));
  const factors = last - first > 4 ? [1] : [1, 2, 5];
  const all = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  return all
    .flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)))
    .filter((value) => value >= least && value <= greatest);
}

/** Three to six round numbers. */
function roundBetween(least: number, greatest: number): number[] {
  const rough = (greatest - least) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.99)!;
  const first = Math.ceil(least / step);
  const count = Math.floor(greatest / step) - first + 1;
  return Array.from({ length: count }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}
