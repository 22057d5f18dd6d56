/** A line of a chart. */
export interface Series {
  readonly name: string;
  readonly values: readonly (number | null | undefined)[];
  /** Number of its colour. */
  readonly colour: number;
  /** Drawn thin and broken, as the best so far. */
  readonly isDashed?: boolean;
}

/** What a chart shows. */
export interface ChartProps {
  readonly title: string;
  /** What the x axis counts. */
  readonly xName: string;
  readonly xs: readonly number[];
  readonly series: readonly Series[];
}
