import { InvalidOptionError } from '../errors.js';
import type { Database } from './database.js';
import { literal, reasonOf } from './sql-text.js';

/** Node types of a condition, as DuckDB names them: all that compute a value from one row. */
const allowed = new Set([
  ...['BETWEEN', 'CASE', 'CAST', 'COLLATE', 'COLUMN_REF', 'COMPARISON', 'CONJUNCTION', 'CONSTANT'],
  ...['FUNCTION', 'LAMBDA', 'LAMBDA_REF', 'OPERATOR'],
]);

const refusals: Readonly<Record<string, string>> = {
  DEFAULT: 'DEFAULT',
  PARAMETER: 'a parameter',
  POSITIONAL_REFERENCE: 'a column by its number',
  STAR: 'COLUMNS(…) or *',
  SUBQUERY: 'a subquery',
  WINDOW: 'a window function',
};

/** Functions that recur into JSON text, as casts to VARIANT do: deeply nested text kills the process. */
const recurring = new Set([
  ...['json_contains', 'json_group_structure', 'json_merge_patch', 'json_pretty', 'json_structure'],
]);

/**
 * Checks that `where` is one expression over the columns of a row: DuckDB parses it, and the check
 * looks at the parsed tree, not at the text. No second statement or clause, no subquery, so no
 * file.
 *
 * Throws `InvalidOptionError`.
 */
export async function checkWhere(database: Database, where: string): Promise<void> {
  const fail = (found: string): never => {
    throw new InvalidOptionError(
      'where',
      where,
      `one SQL condition on the columns of a row, but it has ${found}; try an SQL query as the source`,
    );
  };
  // DuckDB would take it for the end.
  if (where.includes('\0')) fail('a NUL character');
  const [query, plain] = [await parse(database, where), await parse(database, 'true')];
  if (query.error) {
    throw new InvalidOptionError(
      'where',
      where,
      `one SQL condition on the columns (${reasonOf(query.error_message)})`,
    );
  }
  const condition = takeCondition(query);
  takeCondition(plain);
  // Text besides the condition makes the rest differ from that of `WHERE true`.
  if (condition === undefined || JSON.stringify(query) !== JSON.stringify(plain)) {
    fail('more than an expression');
  }
  const parts: unknown[] = [condition];
  while (parts.length > 0) {
    const part = parts.pop();
    if (typeof part !== 'object' || part === null) continue;
    const { class: kind, function_name: name, cast_type: type } = part as Record<string, unknown>;
    if (typeof kind === 'string' && !allowed.has(kind)) fail(refusals[kind] ?? kind.toLowerCase());
    if (typeof name === 'string' && recurring.has(name.toLowerCase())) fail(`${name}()`);
    if (JSON.stringify(type ?? '').includes('VARIANT')) fail('a VARIANT');
    parts.push(...Object.values(part));
  }
}

/** A parsed query; the rest of it is compared and never read. */
interface Parsed {
  readonly error?: boolean;
  readonly error_message?: string;
  readonly statements?: readonly { readonly node?: { where_clause?: unknown } }[];
}

async function parse(database: Database, where: string): Promise<Parsed> {
  // The line break ends a comment in the last line.
  const query = `SELECT * FROM source WHERE ${where}\n`;
  const [parsed] = await database.column(`SELECT json_serialize_sql(${literal(query)})::VARCHAR`);
  return JSON.parse(String(parsed));
}

/** Removes the condition of the first statement and returns it. */
function takeCondition({ statements }: Parsed): unknown {
  const node = statements?.[0]?.node;
  const condition = node?.where_clause;
  if (node !== undefined) node.where_clause = undefined;
  return condition;
}
