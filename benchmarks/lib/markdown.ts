/** A Markdown table; columns of numbers are aligned to the right. */
export function markdownTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const isNumeric = heads.map((_, at) =>
    rows.every((row) => /^[-–\d.≠ ]*/.exec(row[at]!)![0] !== ''),
  );
  const widths = heads.map((head, at) =>
    Math.max(head.length, ...rows.map((row) => row[at]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => (isNumeric[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!))).join(' | ')} |`;
  const rule = widths.map((width, at) =>
    isNumeric[at] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(heads), line(rule), ...rows.map(line)].join('\n');
}

/** Seconds with three digits that count. */
export function formatSeconds(seconds: number): string {
  return Number.isFinite(seconds) ? seconds.toPrecision(3) : '–';
}

/** A ratio with its spread: `2.41 (2.30–2.47)`. */
export function formatRatio(ratio: { median: number; lowest: number; highest: number }): string {
  const { median, lowest, highest } = ratio;
  return `${median.toFixed(2)} (${lowest.toFixed(2)}–${highest.toFixed(2)})`;
}

export function formatMebibytes(bytes: number): string {
  return Math.round(bytes / 2 ** 20).toString();
}
