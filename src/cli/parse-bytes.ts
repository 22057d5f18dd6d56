import { InvalidArgumentError } from 'commander';

/** Bytes from a size such as 64GB or 8GiB. Throws `InvalidArgumentError`. */
export function parseBytes(text: string): number {
  const [, size, unit, binary] = /^([\d.]+(?:e\d+)?)\s*([kMGT]?)(i?)B?$/i.exec(text.trim()) ?? [];
  const value = Number(size);
  if (!(value > 0)) throw new InvalidArgumentError('Expected bytes such as 64GB or 8GiB.');
  const power = ['', 'k', 'm', 'g', 't'].indexOf(unit!.toLowerCase());
  return value * (binary ? 1024 : 1000) ** power;
}
