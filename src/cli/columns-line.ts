import type { ColumnsRead, SkippedRows } from '../ratings/ratings.js';
import { counted } from './figures.js';

/** Names of unread columns that are shown. */
const maxUnread = 8;

/**
 * Lines for people that say which columns were read as what, and what was left out.
 *
 *     user "userId", item "movieId", rating "rating", timestamp "timestamp"
 *     unread: "title"
 */
export function columnsLines({
  columns,
  skippedRows,
}: {
  readonly columns?: ColumnsRead | undefined;
  readonly skippedRows?: SkippedRows | undefined;
}): string[] {
  const lines: string[] = [];
  if (columns !== undefined) {
    const { user, item, rating, timestamp, unread } = columns;
    lines.push(
      `user ${quoted(user)}, item ${quoted(item)}, ` +
        `${rating === undefined ? 'no rating (all are 1)' : `rating ${quoted(rating)}`}, ` +
        `${timestamp === undefined ? 'no timestamp' : `timestamp ${quoted(timestamp)}`}`,
    );
    if (unread.length > 0) {
      const more = unread.length - maxUnread;
      const names = unread.slice(0, maxUnread).map(quoted).join(', ');
      lines.push(`unread: ${names}${more > 0 ? ` and ${more} more` : ''}`);
    }
  }
  if (skippedRows !== undefined && skippedRows.count > 0) {
    const { count, first } = skippedRows;
    const example = first && `, the first in line ${first.line} of ${first.file}`;
    lines.push(`${counted(count, 'bad row')} left out${example ?? ''}`);
  }
  return lines;
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
