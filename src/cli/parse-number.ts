import { InvalidArgumentError } from 'commander';
import type { Auto } from '../training/options.js';

/** The number an argument spells. The library checks its range. */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value))
    throw new InvalidArgumentError('Expected a number.');
  return value;
}

/** A number, or the word that leaves it to the ratings. */
export function parseNumberOrAuto(text: string): number | Auto {
  if (text === 'auto') return text;
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value))
    throw new InvalidArgumentError("Expected a number or 'auto'.");
  return value;
}

/** The numbers that an argument lists with commas between. */
export function parseNumbers(list: string): number[] {
  return list.split(',').map(parseNumber);
}

/** A share from 0 to 1, 1 excluded. */
export function parseFraction(text: string): number {
  const value = parseNumber(text);
  if (value >= 0 && value < 1) return value;
  throw new InvalidArgumentError('Expected a share from 0 to 1, 1 excluded.');
}
