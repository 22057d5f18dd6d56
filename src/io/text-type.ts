const kinds = [
  ['BOOLEAN', /^(true|false)$/i],
  ['BIGINT', /^[+-]?\d{1,18}$/],
  ['HUGEINT', /^[+-]?\d{1,38}$/],
  ['DOUBLE', /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^[+-]?(nan|inf|infinity)$/i],
  ['DATE', /^\d{4}-\d{1,2}-\d{1,2}$/],
  ['TIMESTAMP', /^\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}/],
] as const;

/** A type that text can stand for. */
export type TextType = (typeof kinds)[number][0] | 'VARCHAR';

/** The narrowest type, as DuckDB calls it, that all values are written as; VARCHAR without any. */
export function textType(values: readonly string[]): TextType {
  if (values.length === 0) return 'VARCHAR';
  for (const [type, pattern] of kinds) {
    const isDate = type === 'TIMESTAMP';
    if (
      values.every((value) => {
        const text = value.trim();
        return pattern.test(text) || (isDate && kinds[4][1].test(text));
      })
    ) {
      return type;
    }
  }
  return 'VARCHAR';
}

/** The type of all values; numbers if most of them are, so that the others are errors of their rows. */
export function likelyType(values: readonly string[]): TextType {
  const type = textType(values);
  if (type !== 'VARCHAR') return type;
  const numbers = values.filter((value) => /INT|DOUBLE/.test(textType([value])));
  return numbers.length * 2 > values.length ? textType(numbers) : type;
}
