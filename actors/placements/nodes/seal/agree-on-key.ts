import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';

/** A key pair: the public key travels, the private one stays in this process. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  /** X25519, base64url of 32 bytes. */
  readonly publicKey: string;
}

/** Pattern of a public key. */
export const publicKeyPattern = /^[\w-]{43}$/;

/** A new random key pair. */
export function newKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  return { privateKey, publicKey: publicKey.export({ format: 'jwk' }).x! };
}

/**
 * The key that a supervisor and a worker share for a job, 32 bytes. Both compute the same one; the
 * two public keys alone do not give it. Throws if `theirs` is not a public key.
 */
export function agreeOnKey(own: KeyPair, theirs: string, job: string, worker: string): Uint8Array {
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'X25519', x: theirs },
    format: 'jwk',
  });
  const secret = diffieHellman({ privateKey: own.privateKey, publicKey });
  return new Uint8Array(hkdfSync('sha256', secret, job, `seesaw node ${worker}`, 32));
}
