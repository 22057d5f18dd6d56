import test from 'ava';
import { Command } from 'commander';
import type { BenchFigure } from '../../../src/cli/bench-cases.js';
import { figureTable } from '../../../src/cli/bench-report.js';
import { addCommands } from '../../../src/cli/commands.js';
import { helpStyle } from '../../../src/cli/help-text.js';
import { itemsText } from '../../../src/cli/item-list.js';
import { asFlags, leaderboardTable } from '../../../src/cli/leaderboard-table.js';
import { gainPlot, lossPlot } from '../../../src/cli/loss-plot.js';
import { evaluationTable, listTable, ratingsTable } from '../../../src/cli/tables.js';
import { noTitles, type Titles } from '../../../src/cli/titles.js';
import { labelledLines } from '../../../src/cli/train-report.js';
import { trainingView } from '../../../src/cli/training-view.js';
import { columnsOf, wrapText } from '../../../src/cli/wrap-text.js';

const plain = (_format: unknown, text: string) => text;
const widestOf = (text: string) => Math.max(...text.split('\n').map(columnsOf));

const metrics = ['recall', 'precision', 'ndcg', 'map', 'mrr', 'hitRate', 'auc', 'coverage'];
const figuresOf = (value: number) => ({
  ...Object.fromEntries(metrics.map((metric) => [`${metric}@100`, value])),
  k: [100],
  users: 671,
  auc: value,
});
const errors = { rmse: 0.9030123, mae: 0.6958 };

const benchFigure: BenchFigure = {
  ...{ rank: 128, solver: 'cholesky' as const, threads: 16 },
  ...{ kernel: 'wasm-simd128' as const, iterations: 10, seconds: 0.0001234 },
  ...{ fastestSeconds: 0.0001, ratingsPerSecond: 1.23e9, gigaflops: 1234.5 },
};

const title = 'Raiders of the Lost Ark (Indiana Jones and the Raiders of the Lost Ark)';
const titles: Titles = { ...noTitles, of: () => title, has: () => true };
const listed = {
  ...{ itemId: 1198, score: 0.9663 },
  explanation: {
    ...{ itemId: 1198, score: 0.97, predicted: 0.9663, baseline: 0.1, others: -0.0213 },
    contributions: [{ itemId: 260, rating: 5, contribution: 0.0621 }],
  },
};

const options = { rank: 64, regularization: 0.1234, alpha: 5, unobservedWeight: 0.01 };
const varied = ['rank', 'regularization', 'alpha', 'unobservedWeight'] as const;
const trials = [{ trial: 3, score: 0.2543, seconds: 1.24, options }];

const started = {
  ...{ type: 'started', iterations: 1500, ratings: 89_973, feedback: 'implicit' },
  ...{ placement: 'threads(2)' },
};
const iteration = {
  ...{ loss: { total: 519_683.2 }, seconds: 0.02, rmse: 3, preferenceRmse: 0.5, broadcastBytes: 0 },
  ...{ validation: { 'ndcg@20': 0.2711, preferenceRmse: 0.5185 } },
};
const state = {
  ...{ started, phasesDone: 2, phaseSeconds: { user: 0.009, item: 12.4 }, trainingSeconds: 12.4 },
  ...{ nodes: 0, before: iteration, latest: iteration },
};

const rows = [['columns', 'user "userId", item "movieId", rating "rating", timestamp "timestamp"']];

/** What the command line shows, for a terminal of so many columns. */
const shown: Readonly<Record<string, (columns: number) => string>> = {
  'the table of rankings': (columns) =>
    evaluationTable(
      { model: figuresOf(0.3042), mostPopular: figuresOf(0.00012) } as never,
      columns,
    ),
  'the table of errors': (columns) =>
    ratingsTable({ model: errors, itemMean: errors, globalMean: errors } as never, columns),
  'the table of bench': (columns) => figureTable([benchFigure], columns),
  'lists side by side': (columns) =>
    listTable(
      ['user 379 liked', `most similar to ${title}`].map((heading) => ({
        heading,
        lines: [{ figure: '1.049', title }],
      })),
      columns,
    ),
  'an explained list': (columns) => itemsText([listed], titles, columns),
  'a leaderboard': (columns) => leaderboardTable(trials, varied, 'ndcg@20', columns).join('\n'),
  'labelled lines': (columns) => labelledLines(rows as never, plain, columns).join('\n'),
  'live progress': (columns) => trainingView(state as never, columns, plain),
  'the plot of the loss': (columns) => lossPlot([1.56e6, 5.4e5, 5.2e5], columns),
  'the plot of NDCG': (columns) => gainPlot([0.2093, 0.2512, 0.2721], columns),
};

for (const [name, render] of Object.entries(shown)) {
  test(`${name} fits a terminal of 60, 80 and 120 columns`, (t) => {
    for (const columns of [60, 80, 120]) {
      const text = render(columns);

      t.true(widestOf(text) <= columns, `${columns}:\n${text}`);
      t.not(text, '');
      t.false(text.includes('\u001b'));
    }
  });
}

test('the help of every command fits a terminal of 40, 60, 80 and 120 columns', async (t) => {
  for (const columns of [40, 60, 80, 120]) {
    const program = new Command('seesaw').configureHelp({ ...helpStyle, helpWidth: columns });
    await addCommands(program, []);
    t.true(program.commands.length > 10);
    for (const command of [program, ...program.commands]) {
      const [usage, ...lines] = command.helpInformation().split('\n');

      t.true(widestOf(lines.join('\n')) <= columns, `${usage} at ${columns}:\n${lines.join('\n')}`);
    }
  }
});

const heads: readonly (readonly [what: keyof typeof shown & string, ...heads: string[]])[] = [
  ['the table of rankings', 'model', 'most popular'],
  ['the table of errors', 'item mean', 'global mean'],
  ['the table of bench', 'threads', 's/iteration', 'ratings/s', 'GFLOP/s'],
  ['a leaderboard', 'ndcg@20'],
];

test('heads of tables stay whole, on one line, at 40 columns and more', (t) => {
  for (const [what, ...words] of heads) {
    for (const columns of [40, 60, 80, 120]) {
      const lines = shown[what]!(columns).split('\n');
      t.true(
        lines.some((line) => words.every((word) => line.includes(word))),
        `${what}, ${columns}:\n${lines.join('\n')}`,
      );
    }
  }
});

test('a narrow table drops its box before it drops figures', (t) => {
  t.is(
    shown['the table of bench']!(60),
    'rank  solver    threads  s/iteration  ratings/s  GFLOP/s\n' +
      ' 128  cholesky       16     0.000123      1.23B   1234.5',
  );
  t.regex(shown['the table of bench']!(80), /│ {2}128 │ cholesky │/);
});

test('a leaderboard that is too wide has flags for columns, each beside its value', (t) => {
  t.is(
    shown['a leaderboard']!(120),
    '    ndcg@20  rank  regularization  alpha  unobserved-weight  trained in\n' +
      '1.   0.2543    64          0.1234      5               0.01     1.240 s',
  );
  t.is(
    shown['a leaderboard']!(60),
    '    ndcg@20  options\n' +
      '1.   0.2543  --rank 64 --regularization 0.1234 --alpha 5\n' +
      '             --unobserved-weight 0.01',
  );
  t.is(asFlags({ rank: 4, cgSteps: 2 }, ['rank', 'cgSteps']), '--rank 4 --cg-steps 2');
});

test('an explanation says what its figures are', (t) => {
  const short: Titles = { ...titles, of: (id) => `Film ${id}` };

  t.is(
    itemsText([listed], short, Number.POSITIVE_INFINITY),
    [
      ' 0.9663  1198  Film 1198',
      '         of this, for what the user rated:',
      '          0.0621  260   Film 260',
      '         -0.0213  all other ratings',
      '          0.1000  without any rating',
      '',
    ].join('\n'),
  );
});

test('no remaining time is shown before there is data for an estimate', (t) => {
  const at = (part: object) =>
    trainingView({ ...state, latest: undefined, ...part } as never, 80, plain);

  t.false(at({ phasesDone: 0, trainingSeconds: 0 }).includes('left'));
  t.false(at({ phasesDone: 2, trainingSeconds: 0 }).includes('left'));
  t.regex(at({ phasesDone: 1500, trainingSeconds: 3 }), / 3\.000 s left$/);
  t.regex(at({ phasesDone: 3000, trainingSeconds: 3 }), / 3\.000 s$/);
});

test('labels of a plot have as many decimals each, and tiny ones are powers of ten', (t) => {
  t.regex(gainPlot([0.2093, 0.251, 0.272], 80), /^0\.230┤/m);
  t.regex(lossPlot([2.42e-14, 1e-14, 3e-15], 80), /^ *\d\.\d*E-14┤/m);
  t.false(lossPlot([2.42e-14, 1e-14, 3e-15], 80).includes('0.000'));
});

test('prose is broken between words, aligned with its first line, and keeps long words whole', (t) => {
  t.is(wrapText('one two three four', { columns: 9, indent: 2 }), 'one two\n  three\n  four');
  t.is(
    wrapText('see /a/very/long/path first', { columns: 10, indent: 2 }),
    'see\n  /a/very/long/path\n  first',
  );
  t.is(wrapText('label       text', { columns: 80 }), 'label       text');
  t.is(columnsOf('映画 é 👍'), 9);
});
