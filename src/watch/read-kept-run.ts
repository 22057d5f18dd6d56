import { type FileHandle, open } from 'node:fs/promises';
import { WatchError } from '../errors.js';
import type { Line, RunLine, RunSummary, StartedLine } from './lines.js';
import { withheldFigures } from './view/withheld-figures.js';

/** Read at the beginning and at the end of a file; what lies between is not needed for a list. */
const pieceBytes = 2 ** 16;

/** What a list of runs tells of a kept one. */
export interface KeptRun {
  readonly run: RunLine;
  /** Undefined for a search, and for a run that has not begun. */
  readonly started: StartedLine | undefined;
  readonly figures: RunSummary['figures'];
}

/**
 * The first and the last lines of a kept run. Throws `WatchError` for a file that is none, and for
 * one of a newer version.
 */
export async function readKeptRun(path: string): Promise<KeptRun> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const lines = await linesIn(file, 0);
    const [run] = lines;
    if (run?.type !== 'run' || typeof run.startedAt !== 'string') {
      throw new WatchError(
        `found ${path}, which does not begin as the events of a run; expected a file that ` +
          'train --watch wrote; try another',
      );
    }
    if (run.format > 1) {
      throw new WatchError(
        `found events of format ${run.format} in ${path}; expected 1; try a newer seesaw`,
      );
    }
    const started = lines.find((line) => line?.type === 'started' || line?.type === 'trial');
    const last = await linesIn(file, Math.max(0, size - pieceBytes));
    return {
      run,
      started: started?.type === 'trial' ? undefined : started,
      figures: withheldFigures(lastOf(last, 'evaluation'), lastOf(last, 'iteration')),
    };
  } finally {
    await file.close();
  }
}

/** The last line of a type. */
function lastOf<Type extends Line['type']>(
  lines: readonly (Line | undefined)[],
  type: Type,
): (Line & { readonly type: Type }) | undefined {
  const found = lines.findLast((line) => line?.type === type);
  // It has that type.
  return found as (Line & { readonly type: Type }) | undefined;
}

/** Whole lines of a piece of a file; undefined for the rest of one at the beginning. */
async function linesIn(file: FileHandle, from: number): Promise<(Line | undefined)[]> {
  const piece = Buffer.alloc(pieceBytes);
  const { bytesRead } = await file.read(piece, 0, pieceBytes, from);
  return piece.toString('utf8', 0, bytesRead).split('\n').slice(0, -1).map(parsed);
}

function parsed(text: string): Line | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
