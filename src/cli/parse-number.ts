import { InvalidArgumentError } from 'commander';

/** The number an argument spells. What range it may have, the library checks. */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value))
    throw new InvalidArgumentError('Expected a number.');
  return value;
}

/** The numbers that an argument lists with commas between. */
export function parseNumbers(list: string): number[] {
  return list.split(',').map(parseNumber);
}
