import { freemem, totalmem } from 'node:os';

/** Bytes that this process may take: the machine's, or fewer where a container limits them. */
export function memoryHere(): number {
  return Math.min(totalmem(), containerLimit());
}

/** Bytes that are free for this process: what the machine has free, or the rest of its container's. */
export function freeMemoryHere(): number {
  return Math.max(0, Math.min(freemem(), containerLimit() - process.memoryUsage().rss));
}

/** Bytes that each of so many workers here offers to jobs: what is free, less a quarter, shared out; ≥ 1. */
export function offeredMemory(workers = 1): number {
  return Math.max(1, Math.floor((0.75 * freeMemoryHere()) / workers));
}

/** Infinity where nothing is limited. What Node.js calls available leaves out the cache of files. */
function containerLimit(): number {
  // Bun and Deno may lack it.
  return process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
}
