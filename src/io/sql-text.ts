/** A name as an SQL identifier: "user ""id""". */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string as an SQL literal: 'it''s'. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** First line of what DuckDB says, which names the problem; the rest quotes the statement. */
export function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split('\n', 1)[0]!.trim();
}
