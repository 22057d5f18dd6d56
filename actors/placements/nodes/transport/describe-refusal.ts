import { connectDeadlineMs } from './connection-options.js';

/** Why there is no connection, for people: what was found, what was expected, what to try. */
export function describeRefusal(servers: string, cause: unknown): string {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const text = `${cause instanceof Error ? cause.name : ''} ${reason}`;
  if (/authorization|authentication/i.test(text)) {
    return (
      `the NATS server at ${servers} refuses these credentials: ${reason}; ` +
      'expected the right ones; try token, user and password, nkey or creds'
    );
  }
  if (/not support 'tls'/i.test(text)) {
    return (
      `the NATS server at ${servers} does not speak TLS; expected it, because tls is given; ` +
      'try a server with a certificate, or leave tls out in a trusted network'
    );
  }
  if (/certificate|self.signed|altname/i.test(text)) {
    return (
      `the certificate of the NATS server at ${servers} is not trusted: ${reason}; ` +
      "expected one that a known authority signed for this address; try tls: { ca: 'ca.pem' }"
    );
  }
  if (/timeout/i.test(text)) {
    return (
      `no answer from the NATS server at ${servers} within ${connectDeadlineMs / 1000} s; ` +
      'expected a greeting; try whether it wants a client certificate (tls.cert and tls.key)'
    );
  }
  return (
    `found no NATS server at ${servers}: ${reason}; expected one that listens there; ` +
    "try 'nats-server -js', or 'seesaw cluster' on this machine"
  );
}
