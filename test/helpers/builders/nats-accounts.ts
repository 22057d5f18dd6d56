import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** Accounts as an operator would set them up, and a server that knows them. */
export interface OperatorAccounts {
  /** Lines of the server's configuration. */
  readonly config: string;
  /** Contents of a credentials file of a new user, as `nsc generate creds` writes it. */
  readonly creds: () => string;
}

/** An operator with one account that may use JetStream, in the server's memory. */
export function operatorMode(): OperatorAccounts {
  const operator = nkeys.createOperator();
  const system = nkeys.createAccount();
  const account = nkeys.createAccount();
  const most = {
    ...{ subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true },
    ...{ conn: -1, leaf: -1 },
  };
  const jetStream = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const ofAccount = (key: KeyPair, limits: object) =>
    token(operator, key, 'account', { type: 'account', version: 2, limits });
  return {
    config: [
      `operator: ${token(operator, operator, 'operator', {
        ...{ type: 'operator', version: 2, system_account: system.getPublicKey() },
      })}`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      'resolver_preload: {',
      `${system.getPublicKey()}: ${ofAccount(system, most)}`,
      `${account.getPublicKey()}: ${ofAccount(account, { ...most, ...jetStream })}`,
      '}',
    ].join('\n'),
    creds() {
      const user = nkeys.createUser();
      const jwt = token(account, user, 'user', {
        ...{ type: 'user', version: 2, subs: -1, data: -1, payload: -1, pub: {}, sub: {} },
      });
      return credsFile(jwt, seedOf(user));
    },
  };
}

/** A credentials file, with the texts around both parts that the format has. */
export function credsFile(jwt: string, seed: string): string {
  return [
    '-----BEGIN NATS USER JWT-----',
    jwt,
    '------END NATS USER JWT------',
    '',
    '-----BEGIN USER NKEY SEED-----',
    seed,
    '------END USER NKEY SEED------',
    '',
  ].join('\n');
}

/** The secret of a key pair: `SU…` of a user. */
export function seedOf(key: KeyPair): string {
  return new TextDecoder().decode(key.getSeed());
}

/** A JWT of NATS: claims about `subject`, signed by `issuer`. */
function token(issuer: KeyPair, subject: KeyPair, name: string, nats: object): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = encode({ typ: 'JWT', alg: 'ed25519-nkey' });
  const claims = encode({
    ...{ jti: name, iat: 1_600_000_000, iss: issuer.getPublicKey(), name },
    ...{ sub: subject.getPublicKey(), nats },
  });
  const signature = issuer.sign(new TextEncoder().encode(`${head}.${claims}`));
  return `${head}.${claims}.${Buffer.from(signature).toString('base64url')}`;
}
