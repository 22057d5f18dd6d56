/** Options of reading and training that have a flag, and whose values a message may suggest. */
const options = [
  'alpha',
  'cgSteps',
  'delimiter',
  'duplicates',
  'encoding',
  'feedback',
  'header',
  'hive',
  'iterations',
  'kernel',
  'network',
  'nonnegative',
  'objective',
  'rank',
  'rating',
  'regularization',
  'resume',
  'skipBadRows',
  'solver',
  'timestamp',
  'unobservedWeight',
  'where',
];
const suggestion = new RegExp(
  `\\b(${options.join('|')}): (true|false|'[^']*'|"[^"]*"|[\\d.e-]*\\d)`,
  'g',
);

/** `--skip-bad-rows` of `skipBadRows`. */
export function flagOf(option: string): string {
  return `--${option.replace('.', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * What the library suggests, in the words of the command line: `skipBadRows: true` becomes
 * `--skip-bad-rows`, `header: false` becomes `--no-header`, `encoding: 'latin1'` becomes
 * `--encoding latin1`.
 */
export function inFlags(message: string): string {
  return message.replace(suggestion, (_, option: string, value: string) => {
    const flag = flagOf(option);
    if (value === 'true') return flag;
    if (value === 'false') return flag.replace('--', '--no-');
    return `${flag} ${/^'[\w-]+'$/.test(value) ? value.slice(1, -1) : value}`;
  });
}
