import type { Database } from './duckdb.js';
import { literal } from './sql-text.js';

/** How bytes are characters: `latin-1` is what MovieLens published titles in before 2015. */
export type Encoding = 'utf-8' | 'latin-1';

/** How a CSV file is written. */
export interface CsvDialect {
  /** Options for DuckDB's reader. */
  readonly sql: string;
  /** Whether the first line names the columns; else they are column0, column1, … */
  readonly hasHeader: boolean;
}

/**
 * Looks at the beginning of a file, also a compressed one, for its delimiter, quotes and header.
 * Whatever DuckDB says against it passes through.
 */
export async function findDialect(
  database: Database,
  file: string,
  encoding: Encoding,
): Promise<CsvDialect> {
  // DuckDB's default is UTF-8, and the faster one.
  const inEncoding = encoding === 'utf-8' ? '' : `, encoding = ${literal(encoding)}`;
  const sniff = async (options: string) => {
    const [sniffed] = await database.rows(
      'SELECT Delimiter, Quote, Escape, HasHeader, list_transform(Columns, c -> c.name)::JSON::VARCHAR ' +
        `AS names FROM sniff_csv(${literal(file)}${inEncoding}${options})`,
    );
    return sniffed!;
  };
  const colons = await hasDoubleColons(database, file);
  const found = await sniff(colons ? ", delim = '::', quote = ''" : '');
  // A first line of numbers names nothing, even if those below look otherwise.
  const names: string[] = JSON.parse(String(found.names));
  const hasHeader = found.HasHeader === true && !names.every((name) => /^-?[\d.]+$/.test(name));
  const dialect = (quote: string, escaping: string) =>
    `, delim = ${literal(String(found.Delimiter))}, quote = ${literal(quote)}, ` +
    `escape = ${literal(escaping)}, header = ${hasHeader}`;
  const plain = (option: unknown, otherwise: string) =>
    option === '(empty)' ? otherwise : String(option);
  const asFound = dialect(plain(found.Quote, ''), plain(found.Escape, ''));
  // The sample may lack quotes that a later row has; the standard ones do no harm then. They do
  // where the sample has quotes that quote nothing.
  const quoted = dialect(plain(found.Quote, '"'), plain(found.Escape, '"'));
  const isQuoted = !colons && (quoted === asFound || (await succeeds(sniff(quoted))));
  return { sql: (isQuoted ? quoted : asFound).slice(2) + inEncoding, hasHeader };
}

async function succeeds(attempt: Promise<unknown>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}

/** Whether the file is one like MovieLens' `ratings.dat`, 1::1193::5::978300760; no sniffer tries. */
async function hasDoubleColons(database: Database, file: string): Promise<boolean> {
  // A delimiter that text does not have makes a line one column; every byte is a latin-1 letter.
  const lines = await database
    .column(
      `SELECT line FROM read_csv(${literal(file)}, delim = '\x01', quote = '', escape = '', ` +
        "header = false, columns = { line: 'VARCHAR' }, encoding = 'latin-1') LIMIT 1",
    )
    // What is wrong with the file the sniffer says better.
    .catch(() => []);
  return /^\d+::/.test(String(lines[0] ?? ''));
}
