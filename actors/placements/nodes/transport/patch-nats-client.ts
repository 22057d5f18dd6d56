import type { Socket } from 'node:net';
import type { NatsConnection } from '@nats-io/transport-node';

/** Internals of a connection that the patch uses. All of them may be missing. */
interface Internals {
  readonly protocol?: {
    readonly transport?: { readonly socket?: Socket };
    readonly parser?: Parser;
  };
}

/** Parses received bytes. */
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

/** Smaller messages are left to the client. */
const largeBytes = 64 * 1024;

/**
 * Patches a connection of transport-node 3.4.0. To be called again after every reconnect.
 *
 * @param lent numbers of the subscriptions that keep nothing of a message once they have handled it
 */
export function patchNatsClient(connection: NatsConnection, lent: ReadonlySet<number>): void {
  const { protocol } = connection as Internals;
  if (protocol?.transport?.socket) keepErrorsHeard(protocol.transport.socket);
  if (protocol?.parser) receiveInOnePiece(protocol.parser, lent);
}

/**
 * When a connection breaks, the client removes all listeners from a socket whose last write may
 * still fail. An error without a listener ends the process, so one listener stays.
 */
function keepErrorsHeard(socket: Socket): void {
  if (Object.hasOwn(socket, 'removeAllListeners')) return;
  socket.removeAllListeners = (event) => {
    Object.getPrototypeOf(socket).removeAllListeners.call(socket, ...(event ? [event] : []));
    return socket.on('error', () => {});
  };
}

/**
 * The client collects a message of many pieces in a buffer that doubles whenever it is full: four
 * bytes of garbage for each byte of the message. Its size is known, so this allocates all of it
 * with the first piece. Messages that are only lent share one buffer, because they come one after
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
