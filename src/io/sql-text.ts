/** A name as an SQL identifier: "user ""id""". */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string as an SQL literal: 'it''s'. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * What DuckDB says about a problem without the statement that it quotes: the first line, or for a
 * CSV file the first paragraph, which names the line and what is wrong with it.
 */
export function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const end = message.includes('CSV Error') ? '\n\n' : '\n';
  const reason = message.split(end, 1)[0]!.trim().replaceAll('\n', ', ');
  return reason.length > 300 ? `${reason.slice(0, 300)}…` : reason;
}
