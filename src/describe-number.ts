import { describe } from './errors.js';

/** What was found where a number belongs, with its type where a reader may miss it. */
export function describeNumber(value: unknown): string {
  if (typeof value === 'string') return `${describe(value)} (a string)`;
  if (typeof value === 'bigint') return `${describe(value)} (a bigint)`;
  if (value instanceof Number) return `${value} (a Number object)`;
  const isDate = value instanceof Date && !Number.isNaN(value.getTime());
  return isDate ? `${describe(value)} (a Date)` : describe(value);
}

/**
 * How a value becomes the number that it means, as advice; undefined if it means none.
 *
 * @param name of the variable that holds the value
 */
export function adviseNumber(name: string, value: unknown): string | undefined {
  const isText = typeof value === 'string' && value.trim() !== '';
  if (!isText && typeof value !== 'bigint' && !(value instanceof Number)) return undefined;
  return Number.isFinite(Number(value)) ? `try Number(${name})` : undefined;
}
