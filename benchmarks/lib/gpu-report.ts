import type { GpuCheck, GpuProgramName } from './gpu-check.js';
import type { GpuTrial } from './gpu-trial.js';
import { formatSeconds, markdownTable } from './markdown.js';

/** One size, rank and program, beside the processor. */
export interface GpuTime {
  readonly caseName: string;
  readonly rank: number;
  readonly program: GpuProgramName;
  readonly gpu: GpuTrial;
  /** Of an iteration, on the device's own clock; undefined if it has none. */
  readonly deviceSeconds?: number | undefined;
  /** The same by shader. */
  readonly passes?: Readonly<Record<string, number>> | undefined;
  /** The same job in WASM with a thread for each core. */
  readonly wasm?: GpuTrial | undefined;
  /** How far their losses are apart, relatively: more than 10⁻³ is other work. */
  readonly lossesApart?: number | undefined;
  /** Bytes that an iteration must move, and what that takes at the bandwidth that copying has. */
  readonly minBytes: number;
  readonly floorSeconds: number;
}

/** Lists of 20 for all users. */
export interface GpuRanking {
  readonly caseName: string;
  readonly rank: number;
  readonly users: number;
  readonly items: number;
  readonly gpuSeconds: number;
  readonly wasmSeconds?: number | undefined;
}

/**
 * What implicit publishes for its own GPU kernel: seconds per iteration with conjugate gradient on
 * MovieLens 20M's ratings of 4 and 5 stars, some 10 M, on an NVIDIA GTX 1080 Ti. From
 * benchmarks/README.md of github.com/benfred/implicit, commit 0fcf147.
 */
export const publishedByImplicit: Readonly<Record<number, number>> = {
  64: 0.397,
  128: 0.448,
  192: 0.63,
  256: 0.791,
};

export function checkTable(checks: readonly GpuCheck[]): string {
  const rows = checks.map((check) => [
    ...[check.program, check.problem, `${check.rank}`],
    ...[check.factorError.toExponential(1), check.lossError.toExponential(1)],
    check.isRight ? 'right' : 'WRONG',
  ]);
  const heads = ['program', 'problem', 'rank', 'error of factors', 'error of loss', ''];
  return markdownTable(heads, rows);
}

export function timeTable(times: readonly GpuTime[]): string {
  const heads = [
    ...['ratings', 'rank', 'program', 's', 'on the device s', 'floor s', 'times the floor'],
    ...['WASM s', 'WASM / GPU', 'MB up', 'MB back'],
  ];
  const rows = times.map(({ caseName, rank, program, gpu, wasm, ...time }) => {
    const onGpu = time.deviceSeconds ?? gpu.seconds;
    return [
      ...[caseName, `${rank}`, program, formatSeconds(gpu.seconds)],
      formatSeconds(time.deviceSeconds ?? Number.NaN),
      formatSeconds(time.floorSeconds),
      (onGpu / time.floorSeconds).toFixed(1),
      formatSeconds(wasm?.seconds ?? Number.NaN),
      wasm === undefined
        ? '–'
        : `${(wasm.seconds / gpu.seconds).toPrecision(2)}${time.lossesApart! > 1e-3 ? ' ≠' : ''}`,
      (gpu.uploadedBytes / 1e6).toFixed(1),
      (gpu.readBackBytes / 1e6).toFixed(1),
    ];
  });
  return markdownTable(heads, rows);
}

export function rankingTable(rankings: readonly GpuRanking[]): string {
  const heads = ['ratings', 'rank', 'users', 'items', 'GPU s', 'WASM s', 'WASM / GPU'];
  const rows = rankings.map((each) => [
    ...[each.caseName, `${each.rank}`, `${each.users}`, `${each.items}`],
    formatSeconds(each.gpuSeconds),
    formatSeconds(each.wasmSeconds ?? Number.NaN),
    each.wasmSeconds === undefined ? '–' : (each.wasmSeconds / each.gpuSeconds).toPrecision(2),
  ]);
  return markdownTable(heads, rows);
}
