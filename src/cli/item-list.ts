import type { Recommendation } from '../model/recommender.js';
import { jsonLine } from './json-line.js';
import type { Titles } from './titles.js';

/** Prints items one a line: score, id and title, or as JSON. */
export function printItems(items: readonly Recommendation[], titles: Titles, asJson = false): void {
  const idColumns = Math.max(0, ...items.map(({ itemId }) => String(itemId).length));
  const lines = items.map(({ itemId, score }) => {
    const title = titles.has(itemId) ? titles.of(itemId) : undefined;
    if (asJson) return jsonLine({ itemId, score, ...(title !== undefined && { title }) });
    const id = title === undefined ? String(itemId) : String(itemId).padEnd(idColumns);
    return `${score.toFixed(4).padStart(7)}  ${id}${title === undefined ? '' : `  ${title}`}\n`;
  });
  process.stdout.write(lines.join(''));
}
