import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FittedSeconds, MachineFigures } from '../../actors/planning/machine-figures.js';
import { messageTerms } from '../../actors/planning/message-seconds.js';
import { nothingCarried } from '../../actors/planning/row-traffic.js';
import { betweenTerms, rotationTerms } from '../../actors/planning/sequential-seconds.js';
import { solveTerms } from '../../actors/planning/solve-seconds.js';
import { writeOutput } from './write-output.js';

/** Where the figures of this machine are kept: in the user's folder of caches. */
export function figuresFile(): string {
  const { XDG_CACHE_HOME: caches } = process.env;
  return join(caches || join(homedir(), '.cache'), 'seesaw', 'figures.json');
}

/** Keeps figures, and makes the folder. Throws as `writeOutput` does. */
export async function saveFigures(file: string, figures: MachineFigures): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeOutput(file, `${JSON.stringify(figures, undefined, 2)}\n`);
}

/**
 * The figures in a file that was named, or those that are kept; undefined if none are kept.
 * Throws if a named file is not there, or a file holds anything else.
 */
export async function loadFigures(named: string | undefined): Promise<MachineFigures | undefined> {
  const file = named ?? figuresFile();
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (named === undefined) return undefined;
    throw new Error(
      `found no figures in ${file}; expected what seesaw plan --calibrate --figures ${file} writes`,
      { cause },
    );
  }
  const figures = parsed(text);
  if (areFigures(figures)) return figures;
  throw new Error(
    `found no figures of this version in ${file}; expected what seesaw plan --calibrate writes; ` +
      'try it again',
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether every figure that a plan reads is there, and a number. */
function areFigures(value: unknown): value is MachineFigures {
  const figures = value as MachineFigures;
  const isAmount = (amount: unknown) => typeof amount === 'number' && amount >= 0;
  const isSpread = (spread: unknown) =>
    isAmount((spread as { median?: unknown } | undefined)?.median);
  const isFit = ({ seconds, residuals }: FittedSeconds, terms: object) =>
    Object.keys(terms).every((name) => isAmount(seconds[name])) && residuals.every(isAmount);
  try {
    const { machine, speed, solve, between, road } = figures;
    const message = { phases: 1, nodes: 1, tasks: 1, traffic: nothingCarried };
    const fits = [
      ...(['cg', 'cholesky', 'subspace'] as const).map((solver) =>
        isFit(solve[solver], solveTerms({ ...noTask, solver })),
      ),
      ...(['inProcess', 'threads'] as const).map((place) =>
        isFit(between[place], betweenTerms(1, 1, 1)),
      ),
      ...(['supervisor', 'server', 'node'] as const).map((handler) =>
        isFit(road.messages[handler], messageTerms(handler, message)),
      ),
      isFit(figures.rotate, rotationTerms(1, 1)),
    ];
    const spreads = [
      ...[figures.copyBytesPerSecond, figures.readRatingsPerSecond],
      ...[road.latencySeconds, road.bytesPerSecond, road.fanOutBytesPerSecond],
    ];
    const amounts = [machine.cores, figures.slowdown, speed.alone, speed.together];
    return (
      figures.format === 3 &&
      fits.every(Boolean) &&
      spreads.every(isSpread) &&
      amounts.every(isAmount)
    );
  } catch {
    return false;
  }
}

const noTask = {
  ...{
    rank: 1,
    cgSteps: 1,
    subspaceSize: 8,
    ratings: 0,
    rows: 0,
    ratedRows: 0,
    fixedRows: 0,
    farShare: 0,
  },
  isMeasured: false,
};
