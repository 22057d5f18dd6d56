/** A Parquet file without rows: a column, and another in so many groups, each in the one before. */
export function deepParquet(depth: number): Buffer {
  const bytes: number[] = [];
  const varint = (value: number): void => {
    for (let rest = value; ; rest >>>= 7) {
      bytes.push(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest <= 127) return;
    }
  };
  const int = (head: number, value: number) => {
    bytes.push(head);
    varint(value * 2);
  };
  const name = (head: number, text: string) => {
    bytes.push(head, text.length, ...Buffer.from(text));
  };
  const group = (text: string, children: number) => {
    name(0x48, text);
    int(0x15, children);
    bytes.push(0);
  };
  const column = (text: string) => {
    int(0x15, 2);
    int(0x25, 1);
    name(0x18, text);
    bytes.push(0);
  };
  int(0x15, 1);
  bytes.push(0x19, 0xfc);
  varint(depth + 3);
  group('schema', 2);
  column('user');
  for (let at = 0; at < depth; at++) group('a', 1);
  column('item');
  int(0x16, 0);
  bytes.push(0x19, 0x0c, 0);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([Buffer.from('PAR1'), Buffer.from(bytes), length, Buffer.from('PAR1')]);
}
