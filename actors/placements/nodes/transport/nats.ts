import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type {
  Msg,
  NatsConnection,
  PermissionViolationError,
  RequestError,
} from '@nats-io/transport-node';
import { ConnectionError } from '../../../errors.js';
import type { Bus } from './bus.js';
import { connectDeadlineMs, connectionOptions } from './connection-options.js';
import { describeRefusal } from './describe-refusal.js';
import { isLoopback } from './hide-secrets.js';
import { installed } from './installed.js';
import { type NatsOptions, serversOf } from './nats-options.js';
import { openObjects } from './objects.js';
import { patchNatsClient } from './patch-nats-client.js';
import { RecentReplies } from './recent-replies.js';

const acknowledgeMs = 1_000;

const retryMs = 200;

/**
 * Connects within 5 s. The one door to @nats-io.
 *
 * Throws `ConnectionError` that says what was refused, `InvalidOptionError` for files that cannot
 * be read or used.
 *
 * @param name of this connection in the server's log
 * @param maxAwaySeconds how long the server may be away before it is given up; default for ever
 * @param inboxOwner names its inboxes, `_INBOX.<owner>.>`, for permissions that keep others out of
 * them
 */
export async function openBus(
  options: NatsOptions,
  name: string,
  maxAwaySeconds = Number.POSITIVE_INFINITY,
  inboxOwner = 'supervisor',
): Promise<Bus> {
  const inboxPrefix = `_INBOX.${inboxOwner}`;
  const settings = { ...(await connectionOptions(options, name)), inboxPrefix };
  const { connect, createInbox } = await installed(import('@nats-io/transport-node'));
  const servers = serversOf(options).join(', ');
  const connecting = connect(settings);
  let connection: NatsConnection;
  try {
    connection = await Promise.race([
      connecting,
      wait(connectDeadlineMs, undefined, { ref: false }).then(() => {
        throw new Error('timeout');
      }),
    ]);
  } catch (cause) {
    // One that comes later is not wanted any more.
    connecting.then((late) => late.close()).catch(() => {});
    throw new ConnectionError(describeRefusal(servers, cause), { cause });
  }
  return busOf(connection, createInbox(inboxPrefix), maxAwaySeconds, inboxPrefix);
}

/** @param inbox a subject that is this connection's own */
function busOf(
  connection: NatsConnection,
  inbox: string,
  maxAwaySeconds: number,
  inboxPrefix: string,
): Bus {
  /** Subscriptions whose handlers are lent their payloads. */
  const lent = new Set<number>();
  patchNatsClient(connection, lent);
  let isConnected = true;
  const awayListeners: (() => void)[] = [];
  /** What the server forbids this connection. */
  const forbidden = new Set<string>();
  const replies = new RecentReplies();
  const closing = new AbortController();
  // Every object under way listens, and Node.js takes more than ten for a leak.
  setMaxListeners(0, closing.signal);
  const server = connection.getServer();
  let isAsked = false;
  let givenUp: ConnectionError | undefined;
  let awayTimer: NodeJS.Timeout | undefined;
  const close = async (): Promise<void> => {
    clearTimeout(awayTimer);
    closing.abort();
    await connection.close();
  };
  const giveUp = (): void => {
    givenUp = new ConnectionError(
      `the NATS server at ${server} is away for ${maxAwaySeconds} s; expected it back; ` +
        'try a longer deadline, or resume from a checkpoint when it is there',
    );
    void close();
  };
  const noteForbidden = (error: Error): void => {
    const { operation, subject } = error as Partial<PermissionViolationError>;
    if (error.name !== 'PermissionViolationError' || subject === undefined) return;
    forbidden.add(`${operation === 'publish' ? 'publish to' : 'subscribe to'} ${subject}`);
    // A worker that may not acknowledge looks like one that receives nothing.
    if (operation !== 'publish' || !subject.startsWith('_INBOX.')) return;
    // A message that comes twice at once may be acknowledged only once: then no permission is
    // missing.
    if (replies.wasRepeated(subject)) return;
    givenUp = forbiddenError(server, [`reply to ${subject} (allow_responses)`]);
    void close();
  };
  const hear = (
    subject: string,
    handle: Parameters<Bus['subscribe']>[1],
    acknowledge: (message: Msg, answer: unknown) => void,
  ): (() => void) => {
    const subscription = connection.subscribe(subject, {
      callback(error, message) {
        if (error) return;
        try {
          const { subject, reply: replyTo = '' } = message;
          acknowledge(message, handle(message.data, { subject, replyTo }));
        } catch {
          // The sender gets no answer, and sends it again.
        }
      },
    });
    const number = subscription.getID();
    lent.add(number);
    return () => {
      subscription.unsubscribe();
      lent.delete(number);
    };
  };
  void (async () => {
    for await (const status of connection.status()) {
      const { type } = status;
      if (type === 'error') noteForbidden(status.error);
      if (type === 'disconnect') {
        isConnected = false;
        if (Number.isFinite(maxAwaySeconds)) awayTimer = setTimeout(giveUp, maxAwaySeconds * 1000);
        for (const away of awayListeners) away();
      }
      if (type !== 'reconnect') continue;
      isConnected = true;
      clearTimeout(awayTimer);
      patchNatsClient(connection, lent);
    }
  })();
  return {
    server,
    isOpenToAll: isOpenToAll(connection, server),
    // The server says it in its greeting.
    maxBytes: connection.info!.max_payload,
    get isConnected() {
      return isConnected;
    },
    onAway: (away) => void awayListeners.push(away),
    closed: connection.closed().then((error) => givenUp ?? (isAsked ? undefined : error)),
    publish(subject, payload, reply) {
      if (!isConnected || connection.isClosed()) return;
      connection.publish(subject, payload, { ...(reply !== undefined && { reply }) });
    },
    async request(subject, payload, timeout) {
      return (await connection.request(subject, payload, { timeout })).data;
    },
    openInbox: inboxesOf(connection, inbox),
    async deliver(subject, payload, signal) {
      for (;;) {
        signal.throwIfAborted();
        try {
          await connection.request(subject, payload, { timeout: acknowledgeMs });
          return;
        } catch (error) {
          if (connection.isClosed()) throw error;
          await wait(retryMs, undefined, { signal });
        }
      }
    },
    async isHeard(subject) {
      try {
        await connection.request(subject, new Uint8Array(), { timeout: acknowledgeMs });
        return true;
      } catch (error) {
        // The server knows who has subscribed.
        return (error as Partial<RequestError>).isNoResponders?.() ? false : undefined;
      }
    },
    subscribe: (subject, handle) =>
      hear(subject, handle, (message, answer) => {
        replies.note(message.reply);
        message.respond(answer instanceof Uint8Array ? answer : undefined);
      }),
    listen: (subject, handle) => hear(subject, handle, () => {}),
    async expectAccess(accessOf) {
      const { publish, subscribe } = accessOf(inboxPrefix);
      forbidden.clear();
      const trials = subscribe.map((subject) => connection.subscribe(subject, { callback() {} }));
      for (const subject of publish) connection.publish(subject);
      // The server reports refusals before it answers this.
      await connection.flush();
      await wait(0);
      for (const trial of trials) trial.unsubscribe();
      if (forbidden.size > 0) throw forbiddenError(server, [...forbidden]);
    },
    objects: (bucket, create) =>
      openObjects(connection, bucket, {
        create,
        closing: closing.signal,
        isConnected: () => isConnected,
      }),
    close() {
      isAsked = true;
      return close();
    },
  };
}

function isOpenToAll({ info }: NatsConnection, server: string): boolean {
  // With mutual TLS the certificate is the credential.
  return !info?.auth_required && !info?.tls_verify && !isLoopback(server);
}

function forbiddenError(server: string, what: readonly string[]): ConnectionError {
  return new ConnectionError(
    `the NATS server at ${server} forbids this user to ${what.join(', ')}; expected permissions ` +
      'for it; try those of docs/nodes.md, and for a worker --name as they have it',
  );
}

/** Makes inboxes that share one subscription. */
function inboxesOf(connection: NatsConnection, prefix: string): Bus['openInbox'] {
  const handlers = new Map<string, (payload: Uint8Array) => void>();
  let count = 0;
  connection.subscribe(`${prefix}.*`, {
    callback(error, { subject, data }) {
      if (!error) handlers.get(subject)?.(data);
    },
  });
  return (handle) => {
    const subject = `${prefix}.${++count}`;
    handlers.set(subject, handle);
    return { subject, close: () => handlers.delete(subject) };
  };
}
