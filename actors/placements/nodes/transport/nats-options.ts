import { readFile } from 'node:fs/promises';
import {
  anIterable,
  anything,
  aPath,
  checkOptions,
  checkValue,
  type Rule,
  type Rules,
} from '../../../../src/check-options.js';
import { InvalidOptionError } from '../../../../src/errors.js';
import { isBareAddress, shownPath, withoutSecrets } from './hide-secrets.js';

/** Where the NATS server is, and the credentials: one kind at most. TLS goes with any. */
export interface NatsOptions {
  /** `nats://host:4222`, or several of one cluster. */
  readonly servers: string | readonly string[];
  readonly token?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Path of a file with a user's nkey seed (`SU…`). */
  readonly nkey?: string | undefined;
  /** Path of a credentials file (`.creds`): a JWT and its nkey seed. */
  readonly creds?: string | undefined;
  /**
   * Paths of PEM files: the CA of the server's certificate, and this side's certificate and key.
   */
  readonly tls?:
    | {
        readonly ca?: string | undefined;
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
      }
    | undefined;
}

const aText: Rule = {
  expected: 'a text',
  accepts: (value) => typeof value === 'string' && value !== '',
};

const someServers: Rule = { ...anIterable(''), expected: "'nats://host:port' or a list of them" };

/** What each option must be; those that may hold a secret are checked without showing it. */
export const natsRules: Rules<keyof NatsOptions> = {
  servers: anything,
  token: anything,
  user: aText,
  password: anything,
  nkey: aPath('a file with a seed'),
  creds: aPath('a file with credentials'),
  tls: anything,
};

const tlsRules: Rules<keyof NonNullable<NatsOptions['tls']>> = {
  ca: aPath('a PEM file'),
  cert: aPath('a PEM file'),
  key: aPath('a PEM file'),
};

/**
 * Throws `InvalidOptionError` for invalid options and combinations. No message shows a secret.
 *
 * @param of the function that takes the options
 * @param rules of all its options
 */
export function checkNatsOptions<Options extends NatsOptions>(
  of: string,
  options: Options,
  rules: Rules<keyof Options>,
): void {
  // In the place of options there may be an address with a password.
  checkOptions({ of }, typeof options === 'string' ? withoutSecrets(options) : options, rules);
  checkTogether(options);
}

function checkTogether(options: NatsOptions): void {
  if (typeof options.servers !== 'string') checkValue('servers', options.servers, someServers);
  const servers = serversOf(options);
  const isNamed = servers.every((server) => typeof server === 'string' && server.trim() !== '');
  if (servers.length === 0 || !isNamed) {
    throw new InvalidOptionError(
      'servers',
      servers.map((server) => (typeof server === 'string' ? withoutSecrets(server) : server)),
      someServers.expected,
    );
  }
  const odd = servers.find((server) => !isBareAddress(server.trim()));
  if (odd !== undefined) {
    throw new InvalidOptionError(
      'servers',
      withoutSecrets(odd),
      'nats://host:port alone: a user goes into user and password, a token into token',
    );
  }
  const { token, user, password, nkey, creds, tls } = options;
  for (const [name, secret] of Object.entries({ token, password })) {
    if (secret === undefined || (typeof secret === 'string' && secret !== '')) continue;
    const found = secret === '' ? 'an empty text' : `a value of type ${typeof secret}`;
    throw new InvalidOptionError(name, `found ${found} as ${name}; expected a text`);
  }
  if ([token, user, nkey, creds].filter((way) => way !== undefined).length > 1) {
    throw new InvalidOptionError(
      'token',
      'found several of token, user, nkey and creds; expected one of them',
    );
  }
  if ((user === undefined) !== (password === undefined)) {
    const missing = user === undefined ? 'user' : 'password';
    throw new InvalidOptionError(missing, undefined, 'user and password, or neither');
  }
  if (tls !== undefined) checkOptions({ within: 'tls' }, tls, tlsRules);
  if ((tls?.cert === undefined) !== (tls?.key === undefined)) {
    throw new InvalidOptionError(
      'tls',
      'found one of tls.cert and tls.key; expected both of them, or neither',
    );
  }
}

/** The servers as a list. */
export function serversOf({ servers }: NatsOptions): string[] {
  return typeof servers === 'string' ? [servers] : [...servers];
}

/** The bytes of a file that an option names. Throws `InvalidOptionError` if it cannot be read. */
export async function readOptionFile(option: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch {
    throw new InvalidOptionError(option, shownPath(path), 'the path of a file that can be read');
  }
}
