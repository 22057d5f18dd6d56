import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';

/** Half of an agreement: the public part travels, the private one stays in this process. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  /** X25519, base64url of 32 bytes. */
  readonly publicKey: string;
}

/** What a public key looks like. */
export const publicKeyPattern = /^[\w-]{43}$/;

/** A pair that nobody else has. */
export function newKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  return { privateKey, publicKey: publicKey.export({ format: 'jwk' }).x! };
}

/**
 * The key that a supervisor and a worker share for a job, of 32 bytes: both compute the same one, and
 * who hears both public keys can not. Throws if `theirs` is no key.
 */
export function agreeOnKey(own: KeyPair, theirs: string, job: string, worker: string): Uint8Array {
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'X25519', x: theirs },
    format: 'jwk',
  });
  const secret = diffieHellman({ privateKey: own.privateKey, publicKey });
  return new Uint8Array(hkdfSync('sha256', secret, job, `seesaw node ${worker}`, 32));
}
