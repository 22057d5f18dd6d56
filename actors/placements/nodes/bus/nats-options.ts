import { readFile } from 'node:fs/promises';
import { InvalidOptionError } from '../../../../src/errors.js';
import { isBareAddress, shownPath, withoutSecrets } from './hide-secrets.js';

/** Where the NATS server is, and who asks. One way to prove that at most; TLS goes with any. */
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
  /** Paths of PEM files: who signed the server's certificate, and this side's own one. */
  readonly tls?:
    | {
        readonly ca?: string | undefined;
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
      }
    | undefined;
}

/** Names of `NatsOptions`. */
export const natsOptionNames = Object.freeze([
  'servers',
  'token',
  'user',
  'password',
  'nkey',
  'creds',
  'tls',
] as const);

/** Throws `InvalidOptionError` for options that cannot be meant. */
export function checkNatsOptions(options: NatsOptions): void {
  const servers = serversOf(options);
  const isNamed = servers.every((server) => typeof server === 'string' && server.trim() !== '');
  if (servers.length === 0 || !isNamed) {
    throw new InvalidOptionError(
      'servers',
      servers.map((server) => (typeof server === 'string' ? withoutSecrets(server) : server)),
      "'nats://host:port' or a list of them",
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
  if ([token, user, nkey, creds].filter((way) => way !== undefined).length > 1) {
    throw new InvalidOptionError(
      'token',
      'given together with another',
      'token, user, nkey or creds alone',
    );
  }
  if ((user === undefined) !== (password === undefined)) {
    const missing = user === undefined ? 'user' : 'password';
    throw new InvalidOptionError(missing, undefined, 'user and password, or neither');
  }
  if ((tls?.cert === undefined) !== (tls?.key === undefined)) {
    throw new InvalidOptionError('tls', 'cert or key alone', 'both of cert and key, or neither');
  }
}

/** The servers as a list. */
export function serversOf({ servers }: NatsOptions): string[] {
  return typeof servers === 'string' ? [servers] : [...(servers ?? [])];
}

/** The bytes of a file that an option names. Throws `InvalidOptionError` if it cannot be read. */
export async function readOptionFile(option: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch {
    throw new InvalidOptionError(option, shownPath(path), 'the path of a file that can be read');
  }
}
