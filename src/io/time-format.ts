import { ColumnError } from '../errors.js';
import { type Column, isNumber, isTime } from './column-types.js';
import type { Database } from './database.js';
import type { Relation } from './relation-contract.js';

/** A way in which times are written: SQL for the Unix seconds in a text, NULL for another text. */
export interface TimeFormat {
  readonly name: string;
  seconds(text: string): string;
}

/** Number of values in the first sample. */
const maxSample = 20_480;

/** Words that stand for no time. */
const nothing = "'', 'null', 'nan', 'nat', 'none', 'n/a', '\\N'";

/** SQL for whether a text says that there is no time. */
export function isNoTime(text: string): string {
  return `(${text} IS NULL OR lower(trim(${text})) IN (${nothing.toLowerCase()}))`;
}

const numbers: TimeFormat = {
  name: 'numbers',
  seconds: (text) => `TRY_CAST(${text} AS DOUBLE)`,
};

const iso: TimeFormat = {
  name: 'ISO 8601',
  // A TIMESTAMP would ignore the zone. Times without a zone are in that of the database, UTC.
  seconds: (text) => `(epoch_us(TRY_CAST(${text} AS TIMESTAMPTZ)) / 1e6)`,
};

const clocks = [
  '',
  ' %H:%M:%S',
  ' %H:%M',
  ' %I:%M:%S %p',
  ' %I:%M %p',
  ', %H:%M:%S',
  ' %H:%M:%S.%f',
];

function written(name: string, dates: readonly string[], times = clocks): TimeFormat {
  const formats = dates.flatMap((date) => times.map((time) => `'${date}${time}'`)).join(', ');
  return {
    name,
    // A year of two digits would be read as one of the first century.
    seconds: (text) =>
      `(CASE WHEN regexp_matches(${text}, '[0-9]{4}') THEN ` +
      `epoch_us(try_strptime(trim(${text}), [${formats}])::TIMESTAMPTZ) / 1e6 END)`,
  };
}

const formats: readonly TimeFormat[] = [
  numbers,
  iso,
  written('day/month/year', ['%d/%m/%Y']),
  written('month/day/year', ['%m/%d/%Y']),
  written('day-month-year', ['%d-%m-%Y']),
  written('month-day-year', ['%m-%d-%Y']),
  written('day.month.year', ['%d.%m.%Y']),
  written('1 Jan 2024', ['%d %b %Y', '%d-%b-%Y', '%d %B %Y', '%b %d, %Y', '%B %d, %Y', '%b %d %Y']),
  written('Mon Jan 1 10:00:00 2024', ['%a %b %d %H:%M:%S %Y', '%a, %d %b %Y %H:%M:%S GMT'], ['']),
  written(
    'Mon Jan 1 10:00:00 +0000 2024',
    ['%a %b %d %H:%M:%S %z %Y', '%a, %d %b %Y %H:%M:%S %z'],
    [''],
  ),
];

/**
 * How the times of a text column are written. Looks at its first values, and at all where these could be
 * either day and month or month and day.
 *
 * Throws `ColumnError` if most values are in no known format, or could be in two.
 *
 * @param source whose column it is
 * @param text SQL of the column
 */
export async function findTimeFormat(
  database: Database,
  source: Relation,
  text: string,
  { name, type, isText = false }: Column,
): Promise<TimeFormat> {
  // Of text columns the type is that of the first values.
  if (isText && isNumber({ type })) return numbers;
  if (isText && isTime({ type })) return iso;
  const column = name;
  await source.text?.countRows();
  const values = `SELECT ${text} AS text FROM ${source.from()} WHERE NOT ${isNoTime(text)}`;
  const first = await understood(database, `${values} LIMIT ${maxSample}`, formats);
  const plain = first.all.find((format) => format === numbers || format === iso);
  if (plain !== undefined || first.count === 0) return plain ?? numbers;
  const sure = first.all.length > 1 ? await understood(database, values, first.all) : first;
  if (sure.all.length > 1) {
    throw new ColumnError(
      'ERR_COLUMN_TYPE',
      `found dates in timestamp column ${JSON.stringify(column)} that may be ${sure.all[0]!.name} or ` +
        `${sure.all[1]!.name}, such as ${JSON.stringify(sure.example)}; expected one reading; ${wayOut}`,
    );
  }
  const best = sure.all[0] ?? first.most;
  if (best !== undefined) return best;
  throw new ColumnError(
    'ERR_COLUMN_TYPE',
    `found ${JSON.stringify(first.example)} in timestamp column ${JSON.stringify(column)}; ` +
      `expected Unix seconds, ISO dates and times or another usual format; ${wayOut}`,
  );
}

/** What to do about times that are not understood. */
export const wayOut = 'try timestamp: false to leave it unread, or an SQL query with strptime(…)';

/** Which formats all values have, and which most. */
async function understood(database: Database, values: string, tried: readonly TimeFormat[]) {
  const counts = tried.map((format, at) => `count(${format.seconds('text')}) AS f${at}`);
  const [row] = await database.rows(
    `SELECT count(*) AS n, first(text) AS example, ${counts.join(', ')} FROM (${values})`,
  );
  const count = Number(row?.n ?? 0);
  const of = (at: number) => Number(row?.[`f${at}`] ?? 0);
  const all = tried.filter((_, at) => of(at) === count);
  const most = tried.find((_, at) => of(at) * 2 > count);
  return { count, all, most, example: row?.example ?? '' };
}
