import type { Side } from '../../../../src/ratings/ratings.js';
import { InvalidMessageError } from '../../../errors.js';

/*
 * Every message is rebuilt from the fields that are checked; other fields are dropped. All
 * functions throw `InvalidMessageError`.
 */

/** A received object that is not checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Pattern of a name, an id or a part of a subject. */
const word = /^[\w.-]{1,80}$/;

export const sides: readonly Side[] = ['user', 'item'];

/** Text for people, as `oneLine` leaves it. */
export const sentence = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{0,2000}$/su;

/** JSON of an object. */
export function decode(payload: Uint8Array): Fields {
  try {
    return asFields(JSON.parse(new TextDecoder().decode(payload)), 'message');
  } catch (cause) {
    if (cause instanceof InvalidMessageError) throw cause;
    throw new InvalidMessageError(`${payload.length} bytes`, 'JSON');
  }
}

/** The object in a field. */
export function fieldsIn(from: Fields, name: string): Fields {
  return asFields(from[name], name);
}

function asFields(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong(name, value, 'an object');
}

/** An integer from `min` to `max`. */
export function integerIn(
  from: Fields,
  name: string,
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
): number {
  const value = from[name];
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number;
  }
  throw wrong(name, value, `an integer from ${min} to ${max}`);
}

/** A finite number. */
export function numberIn(from: Fields, name: string): number {
  const value = from[name];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw wrong(name, value, 'a finite number');
}

export function booleanIn(from: Fields, name: string): boolean {
  const value = from[name];
  if (typeof value === 'boolean') return value;
  throw wrong(name, value, 'true or false');
}

/** A text of 1 to 80 letters, digits, dots, dashes and underlines, or what `pattern` says. */
export function textIn(from: Fields, name: string, pattern = word): string {
  const value = from[name];
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw wrong(name, value, `text like ${pattern.source}`);
}

/** One of a few words. */
export function oneIn<Known extends string>(
  from: Fields,
  name: string,
  known: readonly Known[],
): Known {
  const found = known.find((each) => each === from[name]);
  if (found !== undefined) return found;
  throw wrong(name, from[name], `one of ${known.join(', ')}`);
}

/** A list of up to `max` values. */
export function listIn(from: Fields, name: string, max: number): readonly unknown[] {
  const value = from[name];
  if (Array.isArray(value) && value.length <= max) return value;
  throw wrong(name, value, `a list of up to ${max}`);
}

function wrong(name: string, value: unknown, expected: string): InvalidMessageError {
  return new InvalidMessageError(`${name} ${describe(value)}`, expected);
}

/** A short description. Lists and objects can be too deep even to print. */
function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
