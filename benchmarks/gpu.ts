import type { Gpu } from '../src/kernels/gpu/device/gpu.js';
/**
 * How long does an iteration take on a GPU, how near is that to what its memory allows, and how much
 * faster than WASM on the same machine's cores is it?
 *
 *     npm run bench:gpu                      # a GPU: 20 M and 100 M ratings; in software: tiny ones
 *     npm run bench:gpu -- --json            # one JSON object a line, each as soon as it is known
 *     npm run bench:gpu -- --cases 20m --ranks 128 --programs wgsl --no-wasm
 *
 * What a GPU computes is checked first; a program that is wrong is not timed, and the status is 1.
 * Ends with status 2 if there is no GPU.
 */

import { parseArgs } from 'node:util';
import { firstValueFrom } from 'rxjs';
import { type GpuOptions, synthetic } from 'seesaw';
import { openGpu } from '../src/kernels/gpu/device/open-gpu.js';
import { caseNamed } from './lib/cases.js';
import { copyBandwidth } from './lib/gpu-bandwidth.js';
import { type GpuCheck, type GpuProgramName, gpuChecks, wrongLists } from './lib/gpu-check.js';
import { gpuTimes } from './lib/gpu-passes.js';
import {
  checkTable,
  type GpuRanking,
  type GpuTime,
  publishedByImplicit,
  rankingTable,
  timeTable,
} from './lib/gpu-report.js';
import { lossesApart, minBytes, rankOnce, trainOnce } from './lib/gpu-trial.js';
import { describeMachine, machineLine } from './lib/machine.js';

const { values: flags } = parseArgs({
  options: {
    cases: { type: 'string' },
    ranks: { type: 'string' },
    programs: { type: 'string', default: 'wgsl,gpu.js' },
    // Of the GPU, after the first; WASM takes as many as the case says.
    iterations: { type: 'string', default: '10' },
    wasm: { type: 'boolean', default: true },
    lists: { type: 'boolean', default: true },
    // Only tells whether there is a GPU: status 0, 3 for one in software, 2 for none.
    probe: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
  allowNegative: true,
});

const gpu = await openAny();
const isSoftware = gpu.isSoftware;
if (flags.probe) {
  progress(gpu.name);
  process.exit(isSoftware ? 3 : 0);
}
const cases = (flags.cases ?? (isSoftware ? 'tiny' : '20m,100m')).split(',').map(caseNamed);
const ranks = (flags.ranks ?? (isSoftware ? '8,64' : '64,128,256')).split(',').map(Number);
const programs = flags.programs.split(',') as GpuProgramName[];
const iterations = isSoftware ? 2 : Number(flags.iterations);
const options: GpuOptions = { software: true };

const machine = describeMachine();
const bandwidth = await copyBandwidth(gpu);
tell('device', {
  machine,
  runtime: `Node ${process.versions.node}`,
  name: gpu.name,
  info: describe(gpu),
  isSoftware,
  features: [...gpu.features],
  bandwidth,
});

const checks: GpuCheck[] = [];
for (const program of programs) {
  try {
    for await (const check of gpuChecks(
      program,
      isSoftware ? [8, 20] : [8, 64, 100, 256],
      options,
    )) {
      checks.push(check);
      tell('check', check);
    }
  } catch (error) {
    refuse(program, 'its check', error);
  }
}
const wrong = flags.lists ? await wrongLists(options) : undefined;
if (wrong !== undefined) tell('lists-check', { wrong });
if (wrong) process.exitCode = 1;

const times: GpuTime[] = [];
const rankings: GpuRanking[] = [];
for (const known of cases) {
  const { users, items, count, seed, name } = known;
  progress(`${name}: making ${count} ratings`);
  const ratings = await firstValueFrom(synthetic({ users, items, count, seed }));
  for (const rank of ranks) {
    const shape = { users, items, count, rank };
    const settings = { rank, warmUp: 1 };
    const cpu = flags.wasm
      ? await trainOnce(ratings, { ...settings, kernel: 'wasm', measured: known.measured })
      : undefined;
    if (cpu) progress(`${name} ${rank} wasm: ${cpu.trial.seconds.toPrecision(3)} s`);
    for (const program of programs) {
      const own = checks.filter((check) => check.program === program);
      if (own.length === 0 || !own.every(({ isRight }) => isRight)) continue;
      try {
        const chosen = { ...options, program };
        // The slow one, to compare with.
        const measured = program === 'gpu.js' ? Math.min(3, iterations) : iterations;
        const run = { ...settings, kernel: 'gpu', measured, gpu: chosen } as const;
        const { trial, model } = await trainOnce(ratings, run);
        const onGpu = await gpuTimes(gpu, ratings, { rank, program });
        const time: GpuTime = {
          ...{ caseName: name, rank, program, gpu: trial },
          ...onGpu,
          wasm: cpu?.trial,
          lossesApart: cpu && lossesApart(trial, cpu.trial),
          minBytes: minBytes(shape),
          floorSeconds: minBytes(shape) / bandwidth.bytesPerSecond,
        };
        times.push(time);
        if ((time.lossesApart ?? 0) > 1e-3) process.exitCode = 1;
        tell('time', time);
        progress(`${name} ${rank} ${program}: ${trial.seconds.toPrecision(3)} s`);
        const isRanked = rankings.some((each) => each.caseName === name && each.rank === rank);
        if (flags.lists && !isRanked) {
          const gpuSeconds = await rankOnce(model, { kernel: 'gpu', gpu: options });
          const wasmSeconds = flags.wasm ? await rankOnce(model, { kernel: 'wasm' }) : undefined;
          const ranking = { caseName: name, rank, users, items, gpuSeconds, wasmSeconds };
          rankings.push(ranking);
          tell('lists', ranking);
        }
      } catch (error) {
        refuse(program, `${name} at rank ${rank}`, error);
      }
    }
  }
}

if (!flags.json) {
  const reached = Number((bandwidth.bytesPerSecond / 1e9).toPrecision(3));
  const kind = isSoftware ? 'computes on the processor: the figures only show that this runs' : '';
  const published = Object.entries(publishedByImplicit).map(([rank, s]) => `${rank}: ${s} s`);
  process.stdout.write(
    `${[
      checkTable(checks),
      wrong === undefined ? '' : `Lists that are not those of the processor: ${wrong} of 2000.`,
      times.length > 0 ? timeTable(times) : '',
      rankings.length > 0 ? rankingTable(rankings) : '',
      `${[gpu.name, kind].filter(Boolean).join(', ')}; copying reaches ${reached} GB/s; ` +
        machineLine(machine, [`Node ${process.versions.node}`]),
      `implicit publishes for half as many ratings as 20m (MovieLens 20M, 4 and 5 stars) on a ` +
        `GTX 1080 Ti, by rank: ${published.join(', ')}`,
    ]
      .filter(Boolean)
      .join('\n\n')}\n`,
  );
}

async function openAny(): Promise<Gpu> {
  try {
    return await openGpu({ software: true });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return process.exit(2);
  }
}

function describe({ info, limits }: Gpu) {
  const { vendor, architecture, device, description } = info;
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize } = limits;
  const used = { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize };
  return { vendor, architecture, device, description, ...used };
}

/** A line of JSON, if they are wanted. */
function tell(type: string, fields: object): void {
  if (flags.json)
    process.stdout.write(`${JSON.stringify({ benchmark: 'gpu', type, ...fields })}\n`);
}

function refuse(program: GpuProgramName, what: string, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  tell('refusal', { program, what, message });
  progress(`${program} does not do ${what}: ${message}`);
  process.exitCode = 1;
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}
