import { type Command, Option } from 'commander';
import { addNotes } from './help-text.js';
import { parseNumber } from './parse-number.js';

/** Values of the flags of `serve`. */
export interface ServeFlags {
  readonly host?: string;
  readonly port: number;
  readonly titles?: string;
  /** False: none. */
  readonly log?: string | false;
  readonly token?: readonly string[];
  readonly adminToken?: readonly string[];
  readonly cors?: readonly string[];
  readonly trustProxy?: true;
  readonly watch: boolean;
  readonly keep: number;
  readonly maxCount: number;
  readonly maxBatch: number;
  readonly maxBody: number;
  readonly concurrency: number;
  readonly rateLimit?: number;
  readonly requestTimeout: number;
  readonly impressionHours: number;
  readonly drain: number;
  readonly retrain?: string;
  readonly from?: readonly string[];
  readonly json?: true;
  readonly quiet?: true;
}

const notes = [
  'Routes: /users/{id}/recommendations, /users/{id}/explanations/{item}, /items/{id}/similar, /popular, POST /recommendations, /batch, /interactions and /impressions; /healthz, /readyz, /metrics, POST /model. /openapi.json describes them, /docs is a page to try them, docs/serving.md has the rest.',
  'The model is loaded again when its folder changes, on SIGHUP, and on POST /model with an admin token; a broken one is refused. Ctrl-C and SIGTERM let requests end. Tokens are also read from SEESAW_TOKEN and SEESAW_ADMIN_TOKEN, with commas between; sha256:<hex> is the digest of one.',
];
const examples = [
  'seesaw serve model',
  'curl localhost:8080/users/42/recommendations?count=3',
  'seesaw serve model --titles films.csv --port 9000',
  'SEESAW_TOKEN=… seesaw serve model --host :: --rate-limit 50 --drain 5',
  'seesaw serve model --retrain "0 3 * * *" --from ratings.csv',
];

const several = (value: string, before: readonly string[] = []) => [...before, value];

/** Describes `serve` and its flags. */
export function addServeFlags(command: Command): Command {
  const number = (flags: string, text: string, value: number) =>
    new Option(flags, text).argParser(parseNumber).default(value);
  command
    .summary('answer requests for recommendations over HTTP')
    .description('Serves a model over HTTP: lists, similar items, explanations, interactions.')
    .argument('<model>', "folder that 'seesaw train' made")
    .optionsGroup('Where and what:')
    .addOption(number('--port <n>', 'port to listen on; 0: one that is free', 8080))
    .option('--host <address>', 'address to listen on (default: 127.0.0.1; with tokens all)')
    .option(
      '--titles <file>',
      'titles, categories and attributes of items (default: the titles that the model keeps)',
    )
    .option(
      '--log <folder>',
      'where interactions are kept (default: <model>.interactions beside the model)',
    )
    .option('--no-log', 'keep interactions in memory only')
    .addOption(number('--impression-hours <n>', 'how long a shown item counts as seen', 24))
    .optionsGroup('Who may ask, and how much:')
    .option('--token <token>', 'one that requests must have; may be given again', several)
    .option('--admin-token <token>', 'one that may change the model; may be given again', several)
    .option('--cors <origin>', 'whose pages may ask, or *; may be given again', several)
    .option('--trust-proxy', 'take addresses of clients from x-forwarded-for')
    .addOption(
      new Option(
        '--rate-limit <n>',
        'requests a second of one token, or address without tokens (default: none)',
      ).argParser(parseNumber),
    )
    .addOption(number('--concurrency <n>', 'requests in work at a time; more get 503', 1_000))
    .addOption(number('--max-count <n>', 'longest list', 1_000))
    .addOption(number('--max-batch <n>', 'users, interactions and ids of a request', 1_000))
    .addOption(number('--max-body <bytes>', 'longest body', 2 ** 20))
    .addOption(number('--request-timeout <seconds>', 'time that a client has to send one', 10))
    .optionsGroup('Changing the model:')
    .option('--no-watch', 'do not load the model again when its folder changes')
    .addOption(number('--keep <n>', 'models to go back to, that in service included', 2))
    .option('--retrain <cron>', 'when to train again, such as "0 3 * * *"; with --from')
    .option(
      '--from <source>',
      'ratings to train on, with the log: a file, or a module (.js, .mjs) whose default export gives rows; may be given again',
      several,
    )
    .addOption(
      number('--drain <seconds>', 'go on answering so long at the end, with /readyz false', 0),
    )
    .optionsGroup('What it says:')
    .option('--json', 'print what happens, every request too, one JSON object a line')
    .option('--quiet', 'print nothing but what goes wrong');
  return addNotes(command, notes, examples);
}
