import {
  aFunction,
  anIterable,
  aPath,
  checkOptions,
  integer,
  numberAbove,
  numberFrom,
  type Rule,
  type Rules,
  trueOrFalse,
} from '../check-options.js';
import { InvalidOptionError } from '../errors.js';
import type { ItemDetails } from './catalogue.js';
import type { ServiceEvent } from './service-event.js';
import { digestTokens, type TokenDigests } from './tokens.js';

/** What one client may ask for, and all of them together. */
export interface ServiceLimits {
  /** Longest list, `offset` included. Default 1,000. */
  readonly list?: number | undefined;
  /** Users of a batch, interactions and ids of a request. Default 1,000. */
  readonly batch?: number | undefined;
  /** Bytes of a body. Default 1 MiB. */
  readonly bodyBytes?: number | undefined;
  /** Requests in work at a time; more are answered with 503. Default 1,000. */
  readonly concurrency?: number | undefined;
  /** Requests a second of one token, without tokens of one address; more are answered with 429. Default: none. */
  readonly perSecond?: number | undefined;
  /** Seconds that a client may take to send a request, and to go on reading an answer. Default 10. */
  readonly requestSeconds?: number | undefined;
}

/** Training again beside the service, for a model that is given by its path. */
export interface RetrainOptions {
  /** When, as a cron expression in the time zone of this machine: `0 3 * * *` is 3 in the morning. */
  readonly schedule: string;
  /**
   * Ratings to train on, with those of the log: files, or one module (`.js`, `.mjs`) whose default
   * export is rows, a source, or a function that gives one of these.
   */
  readonly from: string | readonly string[];
}

/** How a model is served. */
export interface ServiceOptions {
  /**
   * Folder of the log of interactions. Without it they are folded in, but kept in memory only.
   * Several processes may share one.
   */
  readonly log?: string | undefined;
  /** Titles, categories and attributes of items. Default: the titles that the model keeps. */
  readonly items?: Iterable<ItemDetails> | undefined;
  /**
   * Who may ask: `Authorization: Bearer <token>` with one of these, each as it is or as
   * `sha256:<hex>`. None: every client.
   */
  readonly tokens?: Iterable<string> | undefined;
  /** Who may change the model (`POST /model`). None: no client. */
  readonly adminTokens?: Iterable<string> | undefined;
  /** Origins whose pages may ask, or `*`. Default: none. */
  readonly cors?: Iterable<string> | undefined;
  /** Models kept for `rollback`, that in service included, 1 to 16. Default 2. */
  readonly keep?: number | undefined;
  /** How many seconds a shown item counts as seen. Default a day. */
  readonly impressionSeconds?: number | undefined;
  /** A model given by its path is loaded again when its folder changes. Default true. */
  readonly watch?: boolean | undefined;
  /**
   * Trains again with the model's options at certain times, in a process of low priority, saves the
   * model at its path and takes it. Default: never.
   */
  readonly retrain?: RetrainOptions | undefined;
  /** Beginning of the paths that `handler` gets, where its host leaves it on, such as `/api`. */
  readonly basePath?: string | undefined;
  readonly limits?: ServiceLimits | undefined;
  /** Called for what happens: requests, swaps, faults. */
  readonly onEvent?: ((event: ServiceEvent) => void) | undefined;
}

/** `ServiceOptions` with defaults, tokens as digests. */
export interface ResolvedServiceOptions {
  readonly log: string | undefined;
  readonly items: readonly ItemDetails[] | undefined;
  readonly tokens: TokenDigests;
  readonly adminTokens: TokenDigests;
  readonly cors: readonly string[];
  readonly keep: number;
  readonly impressionSeconds: number;
  readonly watch: boolean;
  readonly retrain: { readonly schedule: string; readonly from: readonly string[] } | undefined;
  readonly basePath: string;
  readonly limits: ResolvedServiceLimits;
  readonly onEvent: (event: ServiceEvent) => void;
}

export interface ResolvedServiceLimits {
  readonly list: number;
  readonly batch: number;
  readonly bodyBytes: number;
  readonly concurrency: number;
  /** Undefined: no limit. */
  readonly perSecond: number | undefined;
  readonly requestSeconds: number;
}

const defaultLimits: ResolvedServiceLimits = Object.freeze({
  list: 1_000,
  batch: 1_000,
  bodyBytes: 2 ** 20,
  concurrency: 1_000,
  perSecond: undefined,
  requestSeconds: 10,
});

const limitRules: Rules<keyof ServiceLimits> = {
  list: integer(1, 100_000),
  batch: integer(1, 100_000),
  bodyBytes: integer(1_024, 2 ** 30),
  concurrency: integer(1, 1_000_000),
  perSecond: numberFrom(1),
  requestSeconds: numberAbove(0),
};

const retrainRules: Rules<keyof RetrainOptions> = {
  schedule: aPath('times, such as 0 3 * * *'),
  from: {
    expected: 'names of files of ratings, or of a module',
    accepts: (value) => [value].flat().length > 0 && [value].flat().every(aPath('').accepts),
  },
};

const options = { expected: 'an object', accepts: (value: unknown) => typeof value === 'object' };

/** A list of texts, which one text alone is not. */
const texts = (of: string): Rule => anIterable(of);

const rules: Rules<keyof ServiceOptions> = {
  log: aPath('a folder for the log of interactions'),
  items: anIterable('{ itemId, title?, categories?, attributes? }'),
  tokens: texts('tokens'),
  adminTokens: texts('tokens'),
  cors: texts('origins such as https://example.org'),
  keep: integer(1, 16),
  impressionSeconds: numberAbove(0),
  watch: trueOrFalse,
  retrain: options,
  basePath: {
    expected: 'a path such as /api, or nothing',
    accepts: (value) => typeof value === 'string' && /^(\/[^/?#]+)*$/.test(value),
  },
  limits: options,
  onEvent: aFunction,
};

/** Throws `InvalidOptionError`. */
export function resolveServiceOptions(given: ServiceOptions): ResolvedServiceOptions {
  checkOptions({ of: 'createService' }, given, rules);
  const limits = { ...given.limits };
  checkOptions({ within: 'limits' }, limits, limitRules);
  if (given.retrain !== undefined) {
    checkOptions({ within: 'retrain' }, given.retrain, retrainRules);
  }
  const set = Object.entries(limits).filter(([, value]) => value !== undefined);
  return {
    log: given.log,
    items: given.items && Array.from(given.items),
    tokens: digestTokens(checkedTokens('tokens', given.tokens)),
    adminTokens: digestTokens(checkedTokens('adminTokens', given.adminTokens)),
    cors: Array.from(given.cors ?? []),
    keep: given.keep ?? 2,
    impressionSeconds: given.impressionSeconds ?? 86_400,
    watch: given.watch ?? true,
    retrain: given.retrain && {
      schedule: given.retrain.schedule,
      from: [given.retrain.from].flat(),
    },
    basePath: given.basePath ?? '',
    limits: { ...defaultLimits, ...Object.fromEntries(set) },
    onEvent: given.onEvent ?? (() => {}),
  };
}

/** What a header can carry and is too long to guess. */
const aToken: Rule = {
  expected: 'at least 8 characters without spaces',
  accepts: (value) => typeof value === 'string' && /^[\x21-\x7e]{8,}$/.test(value),
};

function checkedTokens(option: string, tokens: Iterable<string> = []): string[] {
  return Array.from(tokens, (token) => {
    if (aToken.accepts(token)) return token;
    // The token itself is not shown.
    throw new InvalidOptionError(
      option,
      `found a token in ${option} that is none; expected ${aToken.expected}`,
    );
  });
}

/** Where a service listens. */
export interface ListenOptions {
  /** Default 127.0.0.1; with tokens all addresses, `::`. */
  readonly host?: string | undefined;
  /** 0: one that is free. Default 8080. */
  readonly port?: number | undefined;
  /** Takes addresses of clients from `x-forwarded-for`: for services behind a proxy. Default false. */
  readonly trustProxy?: boolean | undefined;
}

const listenRules: Rules<keyof ListenOptions> = {
  host: aPath('an address of this machine'),
  port: integer(0, 65_535),
  trustProxy: trueOrFalse,
};

/** Throws `InvalidOptionError`. */
export function resolveListenOptions(given: ListenOptions, hasTokens: boolean) {
  checkOptions({ of: 'listen' }, given, listenRules);
  const { host = hasTokens ? '::' : '127.0.0.1', port = 8080, trustProxy = false } = given;
  return { host, port, trustProxy };
}
