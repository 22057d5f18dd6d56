/**
 * Asks a service for lists of random users, and prints how long each answer took, in milliseconds, as
 * JSON. Either so many connections ask again as soon as they are answered, or requests are sent at
 * random times of a given rate, however long the answers take: waiting clients do not lower the load.
 * These share some connections, as behind a proxy, and waiting for one counts. (autocannon sends what a
 * second may have at the beginning of the second, and counts whole milliseconds.)
 */

import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LoadOrder {
  readonly url: string;
  /** Ids are 0 … users − 1. */
  readonly users: number;
  readonly count: number;
  readonly seconds: number;
  readonly load: { readonly connections: number } | { readonly perSecond: number };
}

export interface LoadAnswers {
  /** From the sending of a request to the end of its answer, in the order of the answers. */
  readonly ms: readonly number[];
  readonly seconds: number;
  /** Requests that were not answered with 200; their times are among the others. */
  readonly refused: number;
}

/** Connections that requests at random times share. */
const maxSockets = 64;
const agent = new Agent({ keepAlive: true, maxSockets, maxFreeSockets: maxSockets });

// serve-load.ts wrote it.
const order = JSON.parse(process.argv[2]!) as LoadOrder;
// Opens the connections, and compiles, without lists.
await Promise.all(Array.from({ length: 2000 }, () => statusOf(`${order.url}/healthz`)));
const answers = await run(order);
process.stdout.write(`${JSON.stringify(answers)}\n`);
agent.destroy();

async function run(order: LoadOrder): Promise<LoadAnswers> {
  const { load, seconds } = order;
  const ms: number[] = [];
  const startedAt = performance.now();
  const end = startedAt + 1000 * seconds;
  let asked = 0;
  let refused = 0;
  const ask = async () => {
    const start = performance.now();
    if ((await statusOf(addressOf(order, asked++))) !== 200) refused++;
    ms.push(performance.now() - start);
  };
  if ('connections' in load) {
    const askAgain = async () => {
      while (performance.now() < end) await ask();
    };
    await Promise.all(Array.from({ length: load.connections }, askAgain));
  } else {
    const open: Promise<void>[] = [];
    let at = startedAt;
    while (at < end) {
      await sleep(1);
      for (; at < performance.now(); at += (1000 / load.perSecond) * waitAt(open.length)) {
        open.push(ask());
      }
    }
    await Promise.all(open);
  }
  return { ms, seconds: (performance.now() - startedAt) / 1000, refused };
}

/** The times between events that do not depend on each other, of mean 1. */
function waitAt(n: number): number {
  return -Math.log(1 - scatter(n, 1));
}

function addressOf({ url, users, count }: LoadOrder, n: number): string {
  return `${url}/users/${Math.floor(users * scatter(n, 2))}/recommendations?count=${count}`;
}

/** 0 ≤ number < 1, the same for the same arguments. */
function scatter(n: number, stream: number): number {
  let bits = Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(stream, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
}

function statusOf(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(address, { agent }, (answer) => {
      answer.on('end', () => resolve(answer.statusCode!)).on('error', reject);
      answer.resume();
    }).on('error', reject);
  });
}
