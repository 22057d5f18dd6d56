import { SourceError } from '../errors.js';

const asParquet = 'write it as Parquet';

/** Formats that are not read, by their first bytes, and how to read them all the same. */
const formats: readonly (readonly [begins: string, format: string, wayOut: string])[] = [
  ['PK\x03\x04', 'a ZIP archive or an Excel workbook', 'unzip -p FILE'],
  ['BZh', 'bzip2', 'bzcat FILE'],
  ['\xfd7zXZ\0', 'xz', 'xzcat FILE'],
  ['\x04"M\x18', 'LZ4', 'lz4cat FILE'],
  ['7z\xbc\xaf', 'a 7z archive', '7z x -so FILE'],
  ['Rar!', 'a RAR archive', 'unrar p -inul FILE'],
  ['\xd0\xcf\x11\xe0', 'an Excel workbook', 'save it as CSV UTF-8'],
  ['SQLite format 3\0', 'an SQLite database', "sqlite3 -csv -header FILE 'select * from ratings'"],
  ['ARROW1', 'an Arrow file', asParquet],
  ['FEA1', 'an Arrow file', asParquet],
  ['\x89HDF', 'an HDF5 file', asParquet],
  ['ORC', 'an ORC file', asParquet],
  ['Obj\x01', 'an Avro file', asParquet],
  ['\x93NUMPY', 'a NumPy file', asParquet],
  ['\x80\x04\x95', 'a pickle', asParquet],
  ['%PDF-', 'a PDF document', 'save its table as CSV'],
];

/**
 * Refuses files of a format that is not read.
 * Throws `SourceError` that names the format and the way out.
 *
 * @param first bytes of the file
 */
export function refuseForeign(path: string, name: string, first: Buffer): void {
  const text = first.toString('latin1');
  const found = formats.find(([begins]) => text.startsWith(begins)) ?? textFormat(text);
  if (found === undefined) return;
  const [, format, way] = found;
  const file = path === name ? quoted(path) : 'FILE';
  const isSheet = /\.xls[xmb]?$/i.test(name);
  const command = `${way.replace('FILE', file)} | npx seesaw train -`;
  const wayOut = isSheet ? 'save it as CSV UTF-8' : way.includes('FILE') ? command : way;
  throw new SourceError(
    'ERR_UNREADABLE_SOURCE',
    `found ${format} in ${name}; expected CSV, TSV, Parquet or JSON, plain or as gzip or zstd; ` +
      `try: ${wayOut}`,
  );
}

function textFormat(text: string): (typeof formats)[number] | undefined {
  if (text.startsWith('ustar', 257)) return ['', 'a tar archive', 'tar -xOf FILE'];
  if (!/^\s*<(!doctype|html|\?xml)/i.test(text)) return undefined;
  return ['', 'a web page or XML', 'check the address that it was downloaded from'];
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
