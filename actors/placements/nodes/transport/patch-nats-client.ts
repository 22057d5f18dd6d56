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
  readonly ma?: { readonly size: number; readonly sid: number };
  /** What has come of it. */
  msgBuf?: Received | undefined;
}

/** As much of a buffer as the parser uses. */
interface Received {
  readonly length: number;
  write(bytes: Uint8Array): void;
  writeByte(byte: number): void;
  bytes(options?: object): Uint8Array;
}

/** A smaller message is no burden. */
const largeBytes = 64 * 1024;

/**
 * Mends a connection of transport-node 3.4.0; to be called again whenever it has come back.
 *
 * @param lent numbers of the subscriptions that keep nothing of a message once they have handled it
 */
export function patchNatsClient(connection: NatsConnection, lent: ReadonlySet<number>): void {
  const { protocol } = connection as Internals;
  if (protocol?.transport?.socket) keepErrorsHeard(protocol.transport.socket);
  if (protocol?.parser) receiveInOnePiece(protocol.parser, lent);
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
 * for all from the first piece on; and the same room for all that are only lent, as they come one after
 * the other.
 */
function receiveInOnePiece(parser: Parser, lent: ReadonlySet<number>): void {
  let received = parser.msgBuf;
  let lentRoom = new Uint8Array();
  const roomFor = (size: number, sid: number): Uint8Array => {
    if (!lent.has(sid)) return new Uint8Array(size);
    if (lentRoom.length < size) lentRoom = new Uint8Array(size);
    return lentRoom;
  };
  Object.defineProperty(parser, 'msgBuf', {
    configurable: true,
    get: () => received,
    set(next: Received | undefined) {
      const { size = 0, sid = 0 } = parser.ma ?? {};
      const isLarge = next !== undefined && size >= largeBytes && next.length <= size;
      received = isLarge ? collect(roomFor(size, sid), next.bytes({ copy: false })) : next;
    },
  });
}

/** @param first what has come of the message already */
function collect(room: Uint8Array, first: Uint8Array): Received {
  let length = 0;
  const received = {
    get length() {
      return length;
    },
    write(bytes: Uint8Array) {
      room.set(bytes, length);
      length += bytes.length;
    },
    writeByte: (byte: number) => received.write(Uint8Array.of(byte)),
    bytes: () => room.subarray(0, length),
  };
  received.write(first);
  return received;
}
