import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { InvalidMessageError } from '../../../errors.js';

/** Bytes of a tag: HMAC-SHA-256, cut to 128 bits. */
export const tagBytes = 16;

const cipher = 'aes-256-gcm';
const ivBytes = 12;

/**
 * Seals the messages between a supervisor and one worker of its job: without their key, a message
 * can neither be forged nor changed nor moved to another subject.
 *
 *     message   tag of the subject and the message
 */
export class Seal {
  // Made once: a key that is given as bytes is prepared anew for every tag.
  readonly #key: KeyObject;

  /** @param key 32 bytes that only the two of them have */
  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  /** A copy of a message, sealed. */
  close(subject: string, message: Uint8Array): Uint8Array {
    const sealed = new Uint8Array(message.length + tagBytes);
    sealed.set(message);
    return this.closeInPlace(subject, sealed);
  }

  /** Seals a message that has room for the tag behind it, and returns it with the tag. */
  closeInPlace(subject: string, message: Uint8Array): Uint8Array {
    const end = message.length - tagBytes;
    message.set(this.#tag(subject, message.subarray(0, end)), end);
    return message;
  }

  /** The message, a view into the payload. Throws `InvalidMessageError` if its seal is wrong. */
  open(subject: string, payload: Uint8Array): Uint8Array {
    const end = payload.length - tagBytes;
    const message = payload.subarray(0, Math.max(0, end));
    if (end >= 0 && isSameTag(payload.subarray(end), this.#tag(subject, message))) return message;
    throw new InvalidMessageError(`${payload.length} bytes with a wrong seal`, 'one of this job');
  }

  /** A key for one purpose, of 32 bytes. */
  derive(purpose: string): Uint8Array {
    return createHmac('sha256', this.#key).update(`derive\0${purpose}`).digest();
  }

  /** Encrypts bytes for the other one. */
  hide(purpose: string, bytes: Uint8Array): Uint8Array {
    const iv = randomBytes(ivBytes);
    const hiding = createCipheriv(cipher, this.derive(purpose), iv, { authTagLength: tagBytes });
    return Buffer.concat([iv, hiding.update(bytes), hiding.final(), hiding.getAuthTag()]);
  }

  /** Decrypts bytes. Throws `InvalidMessageError`. */
  reveal(purpose: string, hidden: Uint8Array): Uint8Array {
    try {
      const end = hidden.length - tagBytes;
      const iv = hidden.subarray(0, ivBytes);
      const revealing = createDecipheriv(cipher, this.derive(purpose), iv, {
        authTagLength: tagBytes,
      });
      revealing.setAuthTag(hidden.subarray(end));
      return Buffer.concat([revealing.update(hidden.subarray(ivBytes, end)), revealing.final()]);
    } catch {
      throw new InvalidMessageError(`${hidden.length} hidden bytes`, 'what the supervisor hid');
    }
  }

  #tag(subject: string, message: Uint8Array): Uint8Array {
    // One call for both strings: small messages cost as much as the calls.
    const hmac = createHmac('sha256', this.#key).update(`message\0${subject}\0`);
    return hmac.update(message).digest().subarray(0, tagBytes);
  }
}

/** Whether two tags are the same, in a time that does not tell where they differ. */
export function isSameTag(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
