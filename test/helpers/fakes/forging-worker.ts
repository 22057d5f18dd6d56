import { connect, type Msg } from '@nats-io/transport-node';
import type { ExecutionContext } from 'ava';
import { randomAt } from '../../../src/random.js';

/** What a forger has done so far. */
export interface Forgery {
  /** Messages that it has sent. */
  readonly sent: number;
  /** Those of them that went where rows and acknowledgements go. */
  readonly ofRows: number;
  stop(): Promise<void>;
}

/** What it keeps of what it heard. */
const maxKept = 64;

/**
 * A client with the permissions of a worker, as docs/nodes.md lists them, that never joins a job. It hears
 * all that it may, and sends changed copies, parts of several messages joined, old ones again, and
 * inventions, to all subjects that it may publish to, and as answers to whatever it hears.
 *
 * @param name the user's; the password is `w`
 */
export async function startForgingWorker(
  t: Pick<ExecutionContext, 'teardown'>,
  servers: string,
  name: string,
  seed: number,
): Promise<Forgery> {
  const inboxPrefix = `_INBOX.worker.${name}`;
  const connection = await connect({
    ...{ servers, user: name, pass: 'w', noEcho: true, inboxPrefix },
  });
  t.teardown(() => connection.close());
  const forgery = { sent: 0, ofRows: 0, stop: () => connection.close() };
  const kept: Msg[] = [];
  let drawn = 0;
  const below = (bound: number): number => Math.floor(bound * randomAt(seed, drawn++, 0));
  const oneOf = <Value>(values: readonly Value[]): Value => values[below(values.length)]!;

  const send = (subject: string, data: Uint8Array, reply?: string): void => {
    connection.publish(subject, data, reply === undefined || reply === '' ? {} : { reply });
    forgery.sent++;
    if (subject.endsWith('.rows')) forgery.ofRows++;
  };
  const changed = (data: Uint8Array): Uint8Array => {
    const copy = data.slice();
    // Behind the JSON there are rows: those are what a model is made of.
    const bodyAt = below(4) > 0 ? Math.max(0, copy.indexOf(0)) : 0;
    for (let change = 0; change < 4; change++) {
      const at = bodyAt + below(copy.length - bodyAt);
      if (at < copy.length) copy[at] = below(256);
    }
    return copy;
  };
  /** The head of one, with the generation of another, and the body of a third. */
  const joined = (data: Uint8Array): Uint8Array => {
    const text = Buffer.from(data.subarray(0, Math.max(0, data.indexOf(0)))).toString();
    const head = text.replace(
      /("generation"|"first"|"count"):(\d+)/g,
      (same, field: string, number) =>
        below(2) === 0 ? same : `${field}:${Math.max(0, Number(number) + below(5) - 2)}`,
    );
    const { data: other } = oneOf(kept);
    const body = other.subarray(Math.max(0, other.indexOf(0)));
    return Buffer.concat([Buffer.from(head), body]);
  };
  const invented = (): Uint8Array => Uint8Array.from({ length: below(200) }, () => below(256));
  const acknowledgement = (): Uint8Array => {
    const workers = kept.flatMap(({ data }) => /"worker":"([^"]+)"/.exec(textOf(data))?.[1] ?? []);
    const text = oneOf([...workers, 'alpha-1', 'beta-1', `${name}-1`]);
    return Buffer.concat([Buffer.from(text), Buffer.alloc(16, below(256))]);
  };
  const forge = (message: Msg): void => {
    const { subject, data, reply } = message;
    if (kept.length < maxKept) kept.push(message);
    else kept[below(maxKept)] = message;
    const variants = [changed, joined, invented, () => data, () => oneOf(kept).data];
    // It may reply once to what it hears: to rows it does as who has taken them.
    if (reply) message.respond(below(2) === 0 ? acknowledgement() : oneOf(variants)(data));
    const job = /^seesaw\.([^.]+)\./.exec(subject)?.[1];
    if (job === undefined) return;
    for (let time = 0; time < 2; time++) {
      const where = oneOf([`seesaw.${job}.rows`, `seesaw.${job}.rows`, subject]);
      if (where.endsWith('.rows'))
        send(where, oneOf(variants)(data), oneOf([reply, oneOf(kept).reply]));
    }
    const answers = [`seesaw.${job}.from.${name}.1`, `seesaw.hello.${name}`];
    send(oneOf(answers), oneOf(variants)(data), oneOf([reply, undefined]));
    const streams = `OBJ_seesaw-${job}`;
    const asks = [
      ...[`INFO`, `STREAM.INFO.${streams}`, `STREAM.MSG.GET.${streams}`],
      ...[`CONSUMER.CREATE.${streams}.x.>`, `CONSUMER.DELETE.${streams}.x`],
    ];
    if (below(8) === 0)
      send(
        `$JS.API.${oneOf(asks)}`,
        oneOf([invented(), textBytes('{"seq":1}')]),
        `${inboxPrefix}.x`,
      );
  };
  const own = [`seesaw.join.${name}.*`, `seesaw.*.to.${name}.*`, `seesaw.*.fetch.${name}.*`];
  for (const subject of [...own, 'seesaw.*.rows', 'seesaw.*.alive', `${inboxPrefix}.>`]) {
    connection.subscribe(subject, {
      callback(error, message) {
        if (error === null) forge(message);
      },
    });
  }
  await connection.flush();
  return forgery;
}

function textOf(data: Uint8Array): string {
  return new TextDecoder().decode(data);
}

function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
