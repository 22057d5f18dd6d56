import type { Command } from 'commander';
import { UsageError } from './exit-status.js';

/**
 * Throws `UsageError` for an argument or a flag that is empty, as `"$MODEL"` is without that variable:
 * an empty path would be the present folder.
 */
export function refuseEmpty(command: Command): void {
  const flag = command.options.find((option) => {
    const name = option.attributeName();
    return command.getOptionValueSource(name) === 'cli' && isEmpty(command.getOptionValue(name));
  });
  if (flag === undefined && !command.args.includes('')) return;
  const found = flag === undefined ? 'an empty argument' : `nothing as ${flag.long ?? flag.flags}`;
  throw new UsageError(
    `found ${found}; expected a value; check the variable that it comes from, or leave it out`,
  );
}

function isEmpty(value: unknown): boolean {
  // A list of ids that holds none is empty.
  return value === '' || (Array.isArray(value) && (value.length === 0 || value.includes('')));
}
