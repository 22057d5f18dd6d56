import type { Socket } from 'node:net';
import type { NatsConnection } from '@nats-io/transport-node';

/** What is touched of a connection, though it is not part of its interface: all of it may be missing. */
interface Internals {
  readonly protocol?: {
    readonly transport?: { readonly socket?: Socket };
    readonly parser?: Parser;
  };
}

/** What reads messages out of what comes. */
interface Parser {
  /** The message that it is at. */
  readonly ma?: { readonly size: number };
  /** What has come of it. */
  msgBuf?: Received | undefined;
}

interface Received {
  readonly length: number;
  grow(bytes: number): void;
}

/** Mends a connection of transport-node 3.4.0; to be called again whenever it has come back. */
export function mendClient(connection: NatsConnection): void {
  const { protocol } = connection as Internals;
  if (protocol?.transport?.socket) keepErrorsHeard(protocol.transport.socket);
  if (protocol?.parser) receiveInOnePiece(protocol.parser);
}

/**
 * When a connection breaks, its listeners are taken off a socket whose last write may still fail. An
 * error that nobody hears ends the process, so somebody stays to hear it.
 */
function keepErrorsHeard(socket: Socket): void {
  if (Object.hasOwn(socket, 'removeAllListeners')) return;
  socket.removeAllListeners = (event) => {
    Object.getPrototypeOf(socket).removeAllListeners.call(socket, ...(event ? [event] : []));
    return socket.on('error', () => {});
  };
}

/**
 * A message that comes in many pieces is collected in a buffer that is made anew, twice as large,
 * whenever it is full: four bytes of garbage for each of a message. Its size is known, so there is room
 * for all from the first piece on.
 */
function receiveInOnePiece(parser: Parser): void {
  let received = parser.msgBuf;
  Object.defineProperty(parser, 'msgBuf', {
    configurable: true,
    get: () => received,
    set(next: Received | undefined) {
      received = next;
      const missing = (parser.ma?.size ?? 0) - (next?.length ?? 0);
      if (missing > 0) next?.grow?.(missing);
    },
  });
}
