import type { Command } from 'commander';

/** The flags that were typed for a command, as words to type again, but those that set `except`. */
export function givenFlags(command: Command, except: readonly string[]): string[] {
  const words: string[] = [];
  for (const option of command.options) {
    const name = option.attributeName();
    if (except.includes(name) || command.getOptionValueSource(name) !== 'cli') continue;
    const value: unknown = command.getOptionValue(name);
    // `--biases` and `--no-biases` set one value.
    if (option.negate !== (value === false)) continue;
    words.push(option.long!, ...(typeof value === 'boolean' ? [] : [String(value)]));
  }
  return words;
}
