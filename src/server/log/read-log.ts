import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InteractionLogError } from '../service-errors.js';
import type { StoredInteraction } from '../user-interactions.js';
import { logFault } from './log-fault.js';
import { readLine } from './log-record.js';

/** Files of a log; each belongs to one process, which appends to it. */
const segmentPattern = /^interactions-[\w-]+\.log$/;

/** A line longer than any that is written. */
const maxLineBytes = 1 << 20;

/**
 * All interactions of the log in a folder, file by file; none if the folder is not there. What a
 * process was writing when it died is a part of a line at the end of its file: it was not
 * acknowledged, and is left out.
 *
 * Throws `InteractionLogError`: ERR_LOG_DAMAGED for a changed line with others behind it,
 * ERR_LOG_UNREADABLE if the operating system refuses.
 */
export async function* readLog(folder: string): AsyncGenerator<StoredInteraction> {
  try {
    for (const name of await segmentsIn(folder)) yield* readSegment(join(folder, name));
  } catch (error) {
    throw logFault('ERR_LOG_UNREADABLE', folder, error);
  }
}

async function segmentsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => segmentPattern.test(name)).sort();
}

async function* readSegment(path: string): AsyncGenerator<StoredInteraction> {
  /** Number of a bad line, unless it is the last. */
  let bad: number | undefined;
  let number = 0;
  for await (const line of linesOf(path)) {
    number++;
    if (bad !== undefined) throw damagedLog(path, bad);
    const interaction = readLine(line);
    if (interaction === undefined) bad = number;
    else yield interaction;
  }
}

/** Lines without their line breaks; what follows the last line break is one, too. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 1;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      yield bytes.subarray(from, end);
      from = end + 1;
      number++;
    }
    rest = bytes.subarray(from);
    if (rest.length > maxLineBytes) throw damagedLog(path, number);
  }
  if (rest.length > 0) yield rest;
}

function damagedLog(path: string, line: number): InteractionLogError {
  return new InteractionLogError(
    'ERR_LOG_DAMAGED',
    `found a changed line ${line} in ${path}; expected lines as they were written; ` +
      'try a backup of the file, or removing this line',
  );
}
