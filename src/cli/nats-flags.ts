import { type Command, Option } from 'commander';
import type { NatsOptions } from '../../actors/placements/nodes/transport/nats-options.js';

/** Flags that say where a NATS server is and who asks. */
export interface NatsFlags {
  readonly servers?: string;
  readonly token?: string;
  readonly natsUser?: string;
  readonly natsPassword?: string;
  readonly nkey?: string;
  readonly creds?: string;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/**
 * Adds them. Secrets can come from the environment, where other users of the machine cannot see
 * them.
 */
export function addNatsFlags(command: Command): Command {
  const secret = (flags: string, text: string, variable: string) =>
    new Option(flags, text).env(variable);
  return command
    .option('--servers <urls>', 'NATS servers, separated by commas: nats://host:4222')
    .addOption(secret('--token <text>', 'token that the server asks for', 'SEESAW_NATS_TOKEN'))
    .addOption(secret('--nats-user <name>', 'user of the server', 'SEESAW_NATS_USER'))
    .addOption(secret('--nats-password <text>', 'password of the user', 'SEESAW_NATS_PASSWORD'))
    .addOption(secret('--nkey <file>', "file with the user's nkey seed", 'SEESAW_NATS_NKEY'))
    .addOption(secret('--creds <file>', 'credentials file: JWT and nkey', 'SEESAW_NATS_CREDS'))
    .option('--tls-ca <file>', "who signed the server's certificate, PEM")
    .option('--tls-cert <file>', "this side's certificate, PEM")
    .option('--tls-key <file>', 'its key, PEM');
}

/** The flags as options of the library, with servers that must be given. */
export function natsOptions(flags: NatsFlags, servers: string): NatsOptions {
  const {
    token,
    natsUser: user,
    natsPassword: password,
    nkey,
    creds,
    tlsCa: ca,
    tlsCert: cert,
    tlsKey: key,
  } = flags;
  const hasTls = ca !== undefined || cert !== undefined || key !== undefined;
  return {
    servers: servers.split(',').map((server) => server.trim()),
    ...{ token, user, password, nkey, creds },
    ...(hasTls && { tls: { ca, cert, key } }),
  };
}
