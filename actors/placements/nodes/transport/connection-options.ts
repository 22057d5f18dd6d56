import { isIP } from 'node:net';
import { checkServerIdentity, createSecureContext, type PeerCertificate } from 'node:tls';
import type { Authenticator, NodeConnectionOptions } from '@nats-io/transport-node';
import { InvalidOptionError } from '../../../../src/errors.js';
import { asError } from '../../../as-error.js';
import { shownPath } from './hide-secrets.js';
import { installed } from './installed.js';
import { type NatsOptions, readOptionFile, serversOf } from './nats-options.js';

/** How long a connection may take, in milliseconds. */
export const connectDeadlineMs = 5_000;

/**
 * The options as the client takes them. Reads the files that they name; throws `InvalidOptionError`
 * for a file that cannot be read or is invalid.
 *
 * @param name of this connection in the server's log
 */
export async function connectionOptions(
  options: NatsOptions,
  name: string,
): Promise<NodeConnectionOptions> {
  const { token, user, password } = options;
  const authenticator = await authenticatorOf(options);
  const tls = await tlsOf(options);
  return {
    servers: serversOf(options),
    name,
    ...(token !== undefined && { token }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    ...(authenticator && { authenticator }),
    ...(tls && { tls }),
    timeout: connectDeadlineMs - 500,
    // By default a connection gives up after ten attempts, and finds a dead server after four minutes.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 50,
    pingInterval: 5_000,
    maxPingOut: 2,
    // A node that publishes rows for all has them already.
    noEcho: true,
  };
}

async function authenticatorOf({ creds, nkey }: NatsOptions): Promise<Authenticator | undefined> {
  const { credsAuthenticator, nkeyAuthenticator } = await installed(
    import('@nats-io/transport-node'),
  );
  if (creds !== undefined) {
    const authenticator = credsAuthenticator(await readOptionFile('creds', creds));
    return checked('creds', creds, 'a credentials file as nsc writes it', authenticator);
  }
  if (nkey === undefined) return undefined;
  const seed = new TextDecoder().decode(await readOptionFile('nkey', nkey)).trim();
  const authenticator = nkeyAuthenticator(new TextEncoder().encode(seed));
  return checked('nkey', nkey, "a file with a user's nkey seed, SU…", authenticator);
}

/** Lets an authenticator sign once: only that shows whether its key is valid. */
function checked(
  option: string,
  path: string,
  expected: string,
  authenticator: Authenticator,
): Authenticator {
  try {
    authenticator('challenge');
    return authenticator;
  } catch {
    throw new InvalidOptionError(option, shownPath(path), expected);
  }
}

async function tlsOf(options: NatsOptions): Promise<NodeConnectionOptions['tls'] | undefined> {
  const { tls } = options;
  if (tls === undefined) return undefined;
  const found: { ca?: string; cert?: string; key?: string } = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const path = tls[name];
    if (path === undefined) continue;
    found[name] = new TextDecoder().decode(await readOptionFile(`tls.${name}`, path));
    try {
      // A key is checked with its certificate, which comes before it.
      createSecureContext(name === 'cert' ? { cert: found.cert! } : found);
    } catch (cause) {
      const expected = name === 'key' ? 'the key of tls.cert, PEM' : 'a PEM file';
      const { message } = asError(cause);
      throw new InvalidOptionError(`tls.${name}`, `${shownPath(path)} (${message})`, expected);
    }
  }
  // Passed on to Node's tls.connect, which the client's types leave out.
  return Object.assign(found, { checkServerIdentity: identityCheck(serversOf(options)) });
}

/**
 * Checks whose certificate a server has. The client gives TLS no name for a host that is an IP
 * address, and Node then assumes localhost. So the certificate must be for one of the given
 * addresses.
 */
function identityCheck(servers: readonly string[]): typeof checkServerIdentity {
  const hosts = servers.map(hostOf);
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  return (name: string, certificate: PeerCertificate) => {
    const isUnnamed = name === 'localhost' && !hosts.includes(name);
    if (!isUnnamed || addresses.length === 0) return checkServerIdentity(name, certificate);
    const errors = addresses.map((address) => checkServerIdentity(address, certificate));
    return errors.includes(undefined) ? undefined : errors[0];
  };
}

/** `nats://[::1]:4222` is `::1`. */
function hostOf(server: string): string {
  const address = server.replace(/^\w+:\/\//, '');
  if (isIP(address) !== 0) return address;
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
