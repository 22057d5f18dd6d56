/** An address without user, query and fragment. */
export function withoutSecrets(server: string): string {
  return server.replace(/^(\w+:\/\/)?.*@/s, '$1***@').replace(/[?#].*$/s, '?***');
}

/** Whether an address is a host and a port, and nothing that could be a secret. */
export function isBareAddress(server: string): boolean {
  return /^(\w+:\/\/)?[^\s@/?#]+\/?$/.test(server);
}

/** A path that an option gives, unless it looks like the secret that should be in the file. */
export function shownPath(path: unknown): string {
  const isPath =
    typeof path === 'string' &&
    /[./\\]/.test(path) &&
    !/[\n\r]|-----|eyJ|S[A-Z2-7]{40,}/.test(path) &&
    path.length <= 1_000;
  return isPath ? path : '(not shown: it may be a secret)';
}

/** Whether only this machine reaches an address: `127.0.0.1:4222`. */
export function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)(:\d+)?$/i.test(address.replace(/^\w+:\/\//, ''));
}
