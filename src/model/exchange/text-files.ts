import { type ExportedSide, integersOf, textsOf } from './exported-side.js';

/** About how many characters are passed on at once. */
const pieceLength = 2 ** 20;

/** CSV of a side: `id,f0,f1,…`, text always in quotes. Numbers read as float32 are the model's. */
export function* writeCsv(exported: ExportedSide): Generator<Uint8Array> {
  const { ids, width } = exported;
  const names = Array.from({ length: width }, (_, k) => `f${k}`);
  const isNumber = exported.idColumn.type !== 'utf8';
  const texts = textsOf(exported);
  yield Buffer.from(`${['id', ...names].join(',')}\n`);
  yield* inPieces(ids.length, (row) => {
    const id = isNumber ? texts[row]! : `"${texts[row]!.replaceAll('"', '""')}"`;
    return `${id},${numbersOf(exported, row)}\n`;
  });
}

/**
 * SQL for psql and the pgvector extension: two tables `users` and `items`, and their rows by COPY. The
 * index comes after the rows, as pgvector advises.
 */
export function* writePgvector(sides: readonly ExportedSide[]): Generator<Uint8Array> {
  yield Buffer.from('CREATE EXTENSION IF NOT EXISTS vector;\n');
  for (const exported of sides) {
    const { side, ids, width, idColumn } = exported;
    const type =
      integersOf(idColumn) !== undefined ? 'bigint' : idColumn.type === 'utf8' ? 'text' : 'float8';
    const texts = textsOf(exported);
    yield Buffer.from(
      `CREATE TABLE ${side}s (id ${type} PRIMARY KEY, factors vector(${width}) NOT NULL);\n` +
        `COPY ${side}s (id, factors) FROM STDIN;\n`,
    );
    yield* inPieces(
      ids.length,
      (row) => `${copyText(texts[row]!)}\t[${numbersOf(exported, row)}]\n`,
    );
    yield Buffer.from('\\.\n');
  }
  yield Buffer.from(
    '-- <#> is the negative inner product: the highest scores come first.\n' +
      '--   SELECT id, -(factors <#> (SELECT factors FROM users WHERE id = 42)) AS score\n' +
      '--   FROM items ORDER BY factors <#> (SELECT factors FROM users WHERE id = 42) LIMIT 10;\n' +
      '-- Exact without an index. With one, which is faster and misses some of the best:\n' +
      '--   CREATE INDEX ON items USING hnsw (factors vector_ip_ops);\n',
  );
}

/** A field of COPY's text format. */
function copyText(text: string): string {
  return text.replace(/[\\\t\n\r]/g, (found) => copyEscapes[found]!);
}

const copyEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

function numbersOf({ rows, width }: ExportedSide, row: number): string {
  return rows.subarray(row * width, (row + 1) * width).join(',');
}

function* inPieces(count: number, lineOf: (row: number) => string): Generator<Uint8Array> {
  let text = '';
  for (let row = 0; row < count; row++) {
    text += lineOf(row);
    if (text.length < pieceLength) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}
