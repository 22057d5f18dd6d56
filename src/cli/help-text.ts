import type { Command, Help, Option } from 'commander';
import { wrapText } from './wrap-text.js';

/** Help is as wide as this where no terminal shows it. */
const usualColumns = 80;

/** How the help of all commands is printed. */
export const helpStyle: Partial<Help> = {
  // Paragraphs break at any width.
  minWidthToWrap: 1,
  subcommandTerm,
  optionDescription,
  formatItem,
};

/** `evaluate <model> <files...>`: all commands take options. */
function subcommandTerm(command: Command): string {
  return `${command.name()} ${command.usage().replace(/\[options\] ?/, '')}`.trimEnd();
}

/** Columns that a description has at least beside what it describes; with fewer it stands below. */
const leastBeside = 20;

/** An option, an argument or a command with its description, broken at the width of the terminal. */
function formatItem(term: string, termColumns: number, description: string, help: Help): string {
  const columns = help.helpWidth ?? usualColumns;
  const indent = termColumns + 4;
  if (columns - indent >= leastBeside) {
    return wrapText(`  ${term.padEnd(termColumns)}  ${description}`, { columns, indent });
  }
  return `  ${term}\n${wrapText(`      ${description}`, { columns, indent: 6 })}`;
}

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
