import { opposite } from '../../../ratings/ratings.js';
import type { JobLayout, SideLayout } from '../../job-layout.js';
import type { Compiled, ShaderCache } from './compiled.js';
import type { ShardPlan } from './cut-shards.js';
import type { RowShape } from './row-shape.js';
import type { ProgramLimits } from './settings.js';
import { gramBlockShader, gramSliceShader } from './shaders/block-gram.js';
import { advanceShader, segmentShader } from './shaders/long-rows.js';
import { measureErrorsShader } from './shaders/measure-errors.js';
import { solveRowsShader } from './shaders/solve-rows.js';
import { sumBlocksShader } from './shaders/sum-blocks.js';
import type { SidePlan } from './side-plan.js';

/** What solves a side; undefined is what it has no rows for. */
export interface SideShaders {
  readonly packed: Compiled | undefined;
  readonly whole: Compiled | undefined;
  readonly segment: Compiled | undefined;
  readonly advance: Compiled | undefined;
  readonly measure: Compiled | undefined;
}

/** A job's shaders, and the shapes that they are for. */
export interface JobShaders {
  readonly user: SideShaders;
  readonly item: SideShaders;
  readonly sumBlocks: Compiled;
  readonly gramSlice: Compiled;
  readonly gramBlock: Compiled;
  readonly packedShape: RowShape;
}

/** How rows are shaped that share a workgroup, and those that have one each. */
export interface RowShapes {
  readonly packed: RowShape;
  readonly whole: RowShape;
}

/** Compiles what a job needs. Rejects with `DeviceError` if the device does not take it. */
export async function compileJob(
  cache: ShaderCache,
  job: JobLayout,
  plans: { readonly user: SidePlan; readonly item: SidePlan },
  shapes: RowShapes,
  { subgroupSize, ahead }: ProgramLimits,
): Promise<JobShaders> {
  const subgroups = shapes.whole.lanes > 1 && subgroupSize >= shapes.whole.lanes;

  const compileSide = async (side: 'user' | 'item'): Promise<SideShaders> => {
    const traits = { subgroups, ahead, fixedBuffers: plans[opposite(side)].bufferCount };
    const any = (list: (shard: ShardPlan) => { readonly length: number }) =>
      plans[side].shards.some((shard) => list(shard).length > 0);
    const hasLong = any(({ long }) => long);
    const measured: SideLayout = job[job.phaseOrder[1]];
    const [packed, whole, segment, advance, measure] = await Promise.all([
      any(({ packed }) => packed) && cache.compile(solveRowsShader(shapes.packed, traits)),
      any(({ whole }) => whole) && cache.compile(solveRowsShader(shapes.whole, traits)),
      hasLong && cache.compile(segmentShader(shapes.whole, traits)),
      hasLong && cache.compile(advanceShader(shapes.whole, traits)),
      job[side] === measured &&
        job[side].copiedFrom === undefined &&
        cache.compile(measureErrorsShader(shapes.packed, traits)),
    ]);
    return {
      packed: packed || undefined,
      whole: whole || undefined,
      segment: segment || undefined,
      advance: advance || undefined,
      measure: measure || undefined,
    };
  };
  const [user, item, sumBlocks, gramSlice, gramBlock] = await Promise.all([
    compileSide('user'),
    compileSide('item'),
    cache.compile(sumBlocksShader()),
    cache.compile(gramSliceShader()),
    cache.compile(gramBlockShader()),
  ]);
  return { user, item, sumBlocks, gramSlice, gramBlock, packedShape: shapes.packed };
}
