import { ColumnError, InvalidOptionError } from '../errors.js';
import { nearestName } from '../nearest-name.js';
import {
  amountNames,
  descriptiveNames,
  plainName,
  type Role,
  usualNames,
} from '../ratings/usual-names.js';
import {
  type Column,
  canBeId,
  canBeRating,
  canBeTimestamp,
  isNumber,
  isTimeLike,
} from './column-types.js';

/** The names that options give. `timestamp: false`: there is none. */
export interface ColumnNames {
  readonly user?: string | undefined;
  readonly item?: string | undefined;
  /** `false`: there is none, every rating is 1. */
  readonly rating?: string | false | undefined;
  readonly timestamp?: string | false | undefined;
}

/** The column of each role. Without a rating column every rating is 1. */
export interface RatingColumnsFound {
  readonly user: Column;
  readonly item: Column;
  readonly rating?: Column;
  readonly timestamp?: Column;
}

const roles: readonly Role[] = ['user', 'item', 'rating', 'timestamp'];

const fits: Readonly<Record<Role, (column: Column) => boolean>> = {
  user: canBeId,
  item: canBeId,
  rating: canBeRating,
  timestamp: canBeTimestamp,
};

const expected: Readonly<Record<Role, string>> = {
  user: 'text or whole numbers',
  item: 'text or whole numbers',
  rating: 'numbers',
  timestamp: 'times, dates or numbers',
};

/**
 * Finds the column of every role: as the options say, else by usual names. If no name is usual, two
 * to four columns are taken as user, item, rating, timestamp in this order, if their types allow.
 *
 * Throws `ColumnError` with the columns there are, or `InvalidOptionError` if a column is named
 * for two roles.
 */
export function findColumns(columns: readonly Column[], given: ColumnNames): RatingColumnsFound {
  const found: Partial<Record<Role, Column>> = {};
  const taken = (column: Column) => Object.values(found).includes(column);
  for (const role of roles) {
    const name = given[role];
    if (name === undefined || name === false) continue;
    const column = columnNamed(name, columns);
    if (!fits[role](column)) throw wrongType(role, column);
    if (taken(column)) throw new InvalidOptionError(role, name, 'a column of its own');
    found[role] = column;
  }
  for (const role of roles) {
    if (found[role] !== undefined || given[role] === false) continue;
    const column = guess(
      role,
      columns.filter((candidate) => !taken(candidate)),
    );
    if (column !== undefined) found[role] = column;
  }
  const { user, item, rating, timestamp } =
    found.user === undefined && found.item === undefined ? byOrder(columns, found) : found;
  if (user === undefined) throw notGuessed('user', columns);
  if (item === undefined) throw notGuessed('item', columns);
  return {
    user,
    item,
    ...(rating && given.rating !== false && { rating }),
    ...(timestamp && given.timestamp !== false && { timestamp }),
  };
}

/** The column with this name; an exact match goes before one that differs in case. */
export function columnNamed(name: string, columns: readonly Column[]): Column {
  const column =
    columns.find((candidate) => candidate.name === name) ??
    columns.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (column !== undefined) return column;
  const nearest = nearestName(
    name,
    columns.map((candidate) => candidate.name),
  );
  throw new ColumnError(
    'ERR_COLUMN_NOT_FOUND',
    `found no column ${JSON.stringify(name)}; expected one of ${listed(columns)}` +
      (nearest === undefined ? '; check the name' : `; try ${JSON.stringify(nearest)}`),
  );
}

/** First column with one of the names, in the order of the names. */
export function columnLike(
  names: readonly string[],
  columns: readonly Column[],
): Column | undefined {
  for (const name of names) {
    const column = columns.find((candidate) => plainName(candidate.name) === name);
    if (column !== undefined) return column;
  }
  return undefined;
}

/** The columns for a message: names in quotes with their types. */
export function listed(columns: readonly Column[]): string {
  return columns.map(({ name, type }) => `${JSON.stringify(name)} (${type})`).join(', ');
}

/** Usual names of item columns, for files about items. */
export const usualItemNames = usualNames.item;

function guess(role: Role, columns: readonly Column[]): Column | undefined {
  const column = columnLike(usualNames[role], columns);
  if (column === undefined) return role === 'rating' ? guessAmount(columns) : undefined;
  if (fits[role](column)) return column;
  throw wrongType(role, column);
}

/** The one column of numbers that says how much. Throws `ColumnError` if there are several. */
function guessAmount(columns: readonly Column[]): Column | undefined {
  const amounts = columns.filter(
    (column) => amountNames.has(plainName(column.name)) && isNumber(column),
  );
  if (amounts.length < 2) return amounts[0];
  throw new ColumnError(
    'ERR_COLUMN_NOT_FOUND',
    `found ${amounts.length} columns that may be ratings, ${listed(amounts)}; expected one; ` +
      'name it with the option rating, or rating: false if every rating is 1',
  );
}

/** `found` completed by the order of the columns, or as it is where that would be a gamble. */
function byOrder(
  columns: readonly Column[],
  found: Partial<Record<Role, Column>>,
): Partial<Record<Role, Column>> {
  if (columns.length < 2 || columns.length > 4) return found;
  if (columns.some((column) => descriptiveNames.has(plainName(column.name)))) return found;
  const [user, item, third, fourth] = columns;
  const known = Object.values(found);
  if (!canBeId(user!) || !canBeId(item!) || known.includes(user!) || known.includes(item!)) {
    return found;
  }
  const rating = found.rating ?? third;
  if (rating !== undefined && !(isNumber(rating) || found.rating === rating)) return found;
  const timestamp = found.timestamp ?? fourth;
  if (timestamp !== undefined && !(isTimeLike(timestamp) || found.timestamp)) return found;
  return {
    user: user!,
    item: item!,
    ...(rating === undefined || rating === timestamp ? {} : { rating }),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
}

function wrongType(role: Role, column: Column): ColumnError {
  return new ColumnError(
    'ERR_COLUMN_TYPE',
    `found ${column.type} in ${role} column ${JSON.stringify(column.name)}; ` +
      `expected ${expected[role]}; ` +
      (/^STRUCT\(.*\)\[\]$/.test(column.type)
        ? `try the query SELECT unnest(${JSON.stringify(column.name)}, recursive := true) FROM …`
        : 'name another column, or cast it in an SQL query') +
      (role === 'timestamp' ? ', or leave it unread with timestamp: false' : ''),
  );
}

function notGuessed(role: 'user' | 'item', columns: readonly Column[]): ColumnError {
  return new ColumnError(
    'ERR_COLUMN_NOT_FOUND',
    `found no column with a usual name for the ${role} among ${listed(columns)}; ` +
      (columns.length > 1
        ? `expected one like ${JSON.stringify(`${role}_id`)}; name it with the option ${role}`
        : 'expected a column of users and one of items; check that rows have both'),
  );
}
