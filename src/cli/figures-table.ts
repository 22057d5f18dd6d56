import Table from 'cli-table3';
import { columnsOf } from './wrap-text.js';

/** A column of a table of figures. */
export interface FiguresColumn {
  readonly head: string;
  /** Figures stand right, names left. */
  readonly align: 'left' | 'right';
}

/**
 * A table with a row of heads, in a box; without the box in a terminal that is too narrow for it. No
 * cell is broken or cut: in one that is narrower still, lines are longer than it.
 *
 * @param rows as many cells each as there are columns
 * @param width columns of the terminal
 */
export function figuresTable(
  columns: readonly FiguresColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const widths = columns.map(({ head }, i) =>
    Math.max(columnsOf(head), ...rows.map((row) => columnsOf(row[i]!))),
  );
  const boxWidth = widths.reduce((sum, own) => sum + own + 3, 1);
  return boxWidth <= width ? boxed(columns, rows) : plainTable(columns, rows);
}

/** The same without a box: columns that are two blanks apart. */
export function plainTable(
  columns: readonly FiguresColumn[],
  rows: readonly (readonly string[])[],
): string {
  const cells = [columns.map(({ head }) => head), ...rows];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => columnsOf(row[i]!))));
  return cells
    .map((row) =>
      row
        .map((text, i) => {
          const blanks = ' '.repeat(widths[i]! - columnsOf(text));
          return columns[i]!.align === 'right' ? blanks + text : text + blanks;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function boxed(columns: readonly FiguresColumn[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ align }) => align),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}
