import type { Command, Help, Option } from 'commander';
import { wrapText } from './wrap-text.js';

/** Help is as wide as this where no terminal shows it. */
const usualColumns = 80;

/** How the help of all commands is printed. */
export const helpStyle: Partial<Help> = {
  // Descriptions stay beside what they describe, also at 60 columns.
  minWidthToWrap: 20,
  optionDescription,
};

/**
 * What an option is for, with its choices and its default in one pair of brackets:
 * `what does the arithmetic (auto, wasm, gpu; default: auto)`
 */
function optionDescription(option: Option): string {
  const { description, argChoices, defaultValue, defaultValueDescription, envVar } = option;
  const [, text, note] = /^(.*?)(?: \(([^()]*)\))?$/s.exec(description)!;
  const takesValue = option.required || option.optional;
  const notes = [
    ...(argChoices === undefined ? [] : [argChoices.join(', ')]),
    ...(note === undefined ? [] : [note]),
    ...(takesValue && defaultValue !== undefined
      ? [`default: ${defaultValueDescription ?? String(defaultValue)}`]
      : []),
    ...(envVar === undefined ? [] : [`env: ${envVar}`]),
  ];
  return notes.length === 0 ? text! : `${text} (${notes.join('; ')})`;
}

/**
 * Adds paragraphs below the options, broken at the width of the terminal, and examples, which stay as
 * they are typed.
 */
export function addNotes(
  command: Command,
  paragraphs: readonly string[],
  examples: readonly string[] = [],
): Command {
  return command.addHelpText('after', ({ error }) => {
    const { getOutHelpWidth, getErrHelpWidth } = command.configureOutput();
    const columns = (error ? getErrHelpWidth?.() : getOutHelpWidth?.()) || usualColumns;
    const shown = examples.map((example) => `  $ ${example}`);
    return [
      ...paragraphs.map((text) => `\n${wrapText(text, { columns })}`),
      ...(shown.length > 0 ? [`\nExamples:\n${shown.join('\n')}`] : []),
    ].join('\n');
  });
}
