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

/** What the library says of its own in other words than `name: value`, and the command line in these. */
const phrases: readonly (readonly [RegExp, string | ((text: string, name: string) => string)])[] = [
  [/\bgpu: \{ software: true \}/g, '--gpu-software'],
  [/\bthe directory that save\(\) was given/g, "the folder that 'seesaw train' made"],
  [/\bthe path that checkpoint was given/g, 'the folder that --checkpoint was given'],
  [/\bname it with the option (?:id|title)\b/g, 'rename it in the file'],
  [/\bthe option (\w+)/g, (_, option) => flagOf(option)],
  [/\bsolver '(\w+)'/g, (_, solver) => `--solver ${solver}`],
  [/\bsuch as \[(\d+), (\d+)\]/g, 'such as $1,$2'],
];

/**
 * The library's suggestions as flags of the command line: `skipBadRows: true` becomes
 * `--skip-bad-rows`, `header: false` becomes `--no-header`, `encoding: 'latin1'` becomes
 * `--encoding latin1`, `the option rating` becomes `--rating`.
 */
export function inFlags(message: string): string {
  let text = message.replace(suggestion, (_, option: string, value: string) => {
    const flag = flagOf(option);
    if (value === 'true') return flag;
    if (value === 'false') return flag.replace('--', '--no-');
    return `${flag} ${/^'[\w-]+'$/.test(value) ? value.slice(1, -1) : value}`;
  });
  // The two kinds of a replacement are two overloads.
  for (const [phrase, words] of phrases) text = text.replace(phrase, words as string);
  return text;
}
