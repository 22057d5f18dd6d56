/**
 * Asks a service for lists of random users, and prints how long each answer took, in milliseconds, as
 * JSON. Either so many connections ask again as soon as they are answered, or requests are sent at
 * random times of a given rate, however long the answers take: waiting clients do not lower the load.
 * These share some connections, as behind a proxy, and waiting for one counts. (autocannon sends what a
 * second may have at the beginning of the second, and counts whole milliseconds.)
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './connection.js';

export interface LoadOrder {
  readonly url: string;
  /** Ids are 0 … users − 1. */
  readonly users: number;
  readonly count: number;
  /** Before the answers count: caches fill, and code is compiled here and there. */
  readonly warmSeconds: number;
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
const sharedConnections = 64;

// serve-load.ts wrote it.
const order = JSON.parse(process.argv[2]!) as LoadOrder;
process.stdout.write(`${JSON.stringify(await run(order))}\n`);

async function run(order: LoadOrder): Promise<LoadAnswers> {
  const { url, load, seconds, warmSeconds, users, count } = order;
  const startedAt = performance.now();
  const countedFrom = startedAt + 1000 * warmSeconds;
  const end = countedFrom + 1000 * seconds;
  const ms: number[] = [];
  let asked = 0;
  let refused = 0;
  /** When requests were asked for that wait for a connection. */
  const waiting: number[] = [];
  const idle: Connection[] = [];
  const ask = (connection: Connection, since: number) => {
    const user = Math.floor(users * scatter(asked++, 2));
    connection.ask(`/users/${user}/recommendations?count=${count}`, (status) => {
      const now = performance.now();
      if (since >= countedFrom) {
        ms.push(now - since);
        if (status !== 200) refused++;
      }
      const next = waiting.shift();
      if (next !== undefined) ask(connection, next);
      else if ('connections' in load && now < end) ask(connection, now);
      else idle.push(connection);
    });
  };
  const size = 'connections' in load ? load.connections : sharedConnections;
  const all = await Promise.all(Array.from({ length: size }, () => Connection.open(new URL(url))));
  if ('connections' in load) for (const each of all) ask(each, performance.now());
  else {
    idle.push(...all);
    let sent = 0;
    for (let at = startedAt; at < end; await sleep(1)) {
      for (; at < performance.now(); at += (1000 / load.perSecond) * waitAt(sent++)) {
        const connection = idle.pop();
        if (connection === undefined) waiting.push(performance.now());
        else ask(connection, performance.now());
      }
    }
  }
  while (idle.length < size) await sleep(10);
  for (const each of all) each.close();
  return { ms, seconds: (performance.now() - countedFrom) / 1000, refused };
}

/** The times between events that do not depend on each other, of mean 1. */
function waitAt(n: number): number {
  return -Math.log(1 - scatter(n, 1));
}

/** 0 ≤ number < 1, the same for the same arguments. */
function scatter(n: number, stream: number): number {
  let bits = Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(stream, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
}
