import { availableParallelism, cpus, totalmem } from 'node:os';
import type { KernelName } from '../kernels/kernel-names.js';
import { chooseKernel } from '../kernels/select/choose-kernel.js';
import type { Ratings } from '../ratings/ratings.js';
import { packageVersion } from '../version.js';
import type { BenchFigure } from './bench-cases.js';
import { asCompact, asCount, asSeconds, counted } from './figures.js';
import { type FiguresColumn, figuresTable } from './figures-table.js';

/** The conditions of the figures, which depend on machine and version. */
export interface BenchSetting {
  readonly version: string;
  readonly kernel: KernelName;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly users: number;
  readonly items: number;
  readonly ratings: number;
}

/** This machine and version, and the sizes of what is measured on. */
export function describeSetting({ byUser, byItem }: Ratings): BenchSetting {
  return {
    version: packageVersion,
    kernel: chooseKernel('auto').name,
    node: process.versions.node,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    users: byUser.rowCount,
    items: byItem.rowCount,
    ratings: byUser.columns.length,
  };
}

/** Two lines for people. */
export function settingLines(setting: BenchSetting): string {
  const { version, kernel, node, cpu, cores, memoryGiB, platform } = setting;
  const { users, items, ratings } = setting;
  return [
    `seesaw ${version} with ${kernel} on Node ${node}; ${cpu}, ${counted(cores, 'core')}, ` +
      `${memoryGiB} GiB, ${platform}`,
    `${counted(ratings, 'made-up rating')} by ${counted(users, 'user')} of ${counted(items, 'item')}`,
  ].join('\n');
}

const columns: readonly FiguresColumn[] = [
  { head: 'rank', align: 'right' },
  { head: 'solver', align: 'left' },
  { head: 'threads', align: 'right' },
  { head: 's/iteration', align: 'right' },
  { head: 'ratings/s', align: 'right' },
  { head: 'GFLOP/s', align: 'right' },
];

/**
 * Figures for people, a line for each case.
 *
 * @param width columns of the terminal
 */
export function figureTable(figures: readonly BenchFigure[], width: number): string {
  const rows = figures.map(({ rank, solver, threads, seconds, ratingsPerSecond, gigaflops }) => [
    ...[asCount(rank), solver, asCount(threads)],
    ...[seconds.toPrecision(3), asCompact(ratingsPerSecond), gigaflops.toFixed(1)],
  ]);
  return figuresTable(columns, rows, width);
}

/** One figure for people, while the others are still to come. */
export function figureLine({ rank, solver, threads, seconds, iterations }: BenchFigure): string {
  const how = `rank ${rank}  ${solver}  ${counted(threads, 'thread')}`;
  return `${how}  ${asSeconds(seconds)} an iteration (median of ${iterations})`;
}
