import type { Objects } from './objects.js';

/**
 * A connection to a NATS server that comes back by itself when the server does. What is published
 * while it is away is lost; what is delivered is not.
 */
export interface Bus {
  /** Address of the server. */
  readonly server: string;
  /** Whether it asks for no credentials and other machines reach it. */
  readonly isOpenToAll: boolean;
  /** Whether the server can be heard now. */
  readonly isConnected: boolean;
  /** Calls `away` whenever the server cannot be reached any more; it may come back. */
  onAway(away: () => void): void;
  /**
   * Settles when the connection has closed for good: with undefined after `close`, with a
   * `ConnectionError` when the server was away for too long, else with another error.
   */
  readonly closed: Promise<unknown>;
  /** Bytes that a message may have at most. */
  readonly maxBytes: number;
  /**
   * Sends without an acknowledgement; drops the message while the server is away. The payload is
   * copied before this turn of the event loop is over.
   */
  publish(subject: string, payload: Uint8Array, replyTo?: string): void;
  /**
   * Sends once and resolves with the answer. Rejects if none comes in time, or there is no
   * subscriber.
   */
  request(subject: string, payload: Uint8Array, ackTimeoutMs: number): Promise<Uint8Array>;
  /** A subject for answers to what is published. */
  openInbox(handle: (payload: Uint8Array) => void): Inbox;
  /** Sends again and again until it is acknowledged. Rejects when `signal` aborts. */
  deliver(subject: string, payload: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Whether a subject has a subscriber; undefined if no answer comes in time. */
  isHeard(subject: string): Promise<boolean | undefined>;
  /**
   * Receives what is sent to a subject, and acknowledges it, with the bytes that `handle` returns,
   * if any. If `handle` throws, the message is not acknowledged. A message may come more than once.
   * The returned bytes are copied before this turn of the event loop is over.
   *
   * @param handle is lent the payload: it is part of a larger buffer, and overwritten by what comes
   * next
   * @returns what ends it
   */
  subscribe(
    subject: string,
    handle: (payload: Uint8Array, envelope: Envelope) => unknown,
  ): () => void;
  /**
   * Receives what is sent to a subject and answers nothing: for messages without a seal. Their
   * sender chooses where an answer goes, and a forbidden answer would close the connection.
   *
   * @param handle is lent the payload, as that of `subscribe`
   * @returns what ends it
   */
  listen(subject: string, handle: (payload: Uint8Array, envelope: Envelope) => unknown): () => void;
  /**
   * Checks whether the server permits these subjects. Throws a `ConnectionError` that names the
   * forbidden ones.
   */
  expectAccess(accessOf: (inbox: string) => Access): Promise<void>;
  /** A bucket of the server's Object Store, made if `create`. */
  objects(bucket: string, create: boolean): Promise<Objects>;
  close(): Promise<void>;
}

/** Subjects that a connection needs: what its user has to be allowed. */
export interface Access {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** The subjects of a message. */
export interface Envelope {
  readonly subject: string;
  /** Where it is acknowledged; empty if nowhere. */
  readonly replyTo: string;
}

/** Where answers come in. */
export interface Inbox {
  readonly subject: string;
  close(): void;
}
