import { InvalidOptionError } from '../errors.js';

/** A length of time: the sum of its parts, above zero. */
export interface Duration {
  readonly days?: number | undefined;
  readonly hours?: number | undefined;
  readonly minutes?: number | undefined;
  readonly seconds?: number | undefined;
}

const secondsIn: Readonly<Record<string, number>> = {
  days: 86_400,
  hours: 3600,
  minutes: 60,
  seconds: 1,
};

/** A duration in seconds. Throws `InvalidOptionError`, naming `option`. */
export function secondsOf(option: string, duration: Duration): number {
  const parts = Object.entries(duration).filter(([, value]) => value !== undefined);
  const isKnown = parts.every(([name, value]) => name in secondsIn && Number.isFinite(value));
  const seconds = parts.reduce((sum, [name, value]) => sum + value * (secondsIn[name] ?? 0), 0);
  if (isKnown && seconds > 0) return seconds;
  throw new InvalidOptionError(
    option,
    `{ ${parts.map(([name, value]) => `${name}: ${value}`).join(', ')} }`,
    'a time above zero, such as { minutes: 5 }, or where it says so { count: 1000 }',
  );
}
