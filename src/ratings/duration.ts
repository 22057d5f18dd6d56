import { anything, checkOptions, checkValue, type Rule, type Rules } from '../check-options.js';
import { describe, InvalidOptionError } from '../errors.js';

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

const rules: Rules<keyof Duration | 'count'> = {
  days: anything,
  hours: anything,
  minutes: anything,
  seconds: anything,
  count: anything,
};

const anExtent: Rule = {
  expected: 'a time such as { minutes: 5 }, or where it says so { count: 1000 }',
  accepts: (value) => typeof value === 'object' && value !== null,
};

/** A duration in seconds. Throws `InvalidOptionError`, naming `option`. */
export function secondsOf(option: string, duration: Duration): number {
  checkValue(option, duration, anExtent);
  checkOptions({ within: option }, duration, rules);
  const parts = Object.entries(duration).filter(([, value]) => value !== undefined);
  const isKnown = parts.every(
    ([name, value]) => Object.hasOwn(secondsIn, name) && Number.isFinite(value),
  );
  const shown = parts.map(([name, value]) => `${name}: ${describe(value)}`).join(', ');
  const seconds = parts.reduce((sum, [name, value]) => sum + value * (secondsIn[name] ?? 0), 0);
  if (isKnown && seconds > 0) return seconds;
  throw new InvalidOptionError(
    option,
    `found ${option} { ${shown} }; expected a time above zero, such as { minutes: 5 }, or where it ` +
      'says so { count: 1000 }',
  );
}
