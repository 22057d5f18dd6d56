import { resolve } from 'node:path';
import type { Checkpoints } from '../../actors/checkpoint-writer.js';
import type { CheckpointFault } from '../../actors/run-event.js';
import { CheckpointError } from '../../src/errors.js';
import { damagedCheckpoint } from '../../src/io/checkpoint-errors.js';
import { type CheckpointClaim, claimCheckpoints } from '../../src/io/claim-checkpoints.js';
import { loadCheckpoint } from '../../src/io/load-checkpoint.js';
import { prepareCheckpoints } from '../../src/io/prepare-checkpoints.js';
import { saveCheckpoint } from '../../src/io/save-checkpoint.js';
import type { IterationMetrics } from '../../src/training/iteration-metrics.js';
import type { Job } from '../../src/training/job.js';
import {
  type IdentityDifference,
  identifyJob,
  identityDifferences,
  type JobIdentity,
} from '../../src/training/job-identity.js';
import { type KeptModel, restoreSnapshot, type Snapshot } from '../../src/training/snapshot.js';
import type { ResolvedControl } from './training-control.js';

/** What is done of a job when it begins. */
export interface RestoredJob {
  /** Errors of the iterations that are done; empty for a new job. */
  readonly history: readonly IterationMetrics[];
  /** Newer checkpoints that were passed over. */
  readonly faults: readonly CheckpointFault[];
  /** Models of these iterations that the run may end with. */
  readonly kept: readonly KeptModel[];
}

/** A job of which nothing is done. */
export const newJob: RestoredJob = { history: [], faults: [], kept: [] };

/** Writes a job's checkpoints and restores it from one. */
export interface JobKeeper {
  /** Restores the job to its checkpoint, if it goes on from one. */
  readonly restored: Promise<RestoredJob>;
  readonly checkpoints: Checkpoints | undefined;
  /** Lets other jobs write to the path of the checkpoints. To be called when the run is over. */
  release(): void;
}

/** What checkpoints hold that the job does not know. */
interface KeptBeside {
  /** Models that the run may end with. */
  kept(): readonly KeptModel[];
  /** The history with the figures of lists. */
  withLists(history: readonly IterationMetrics[]): readonly IterationMetrics[];
}

/**
 * Looks for the checkpoint to go on from, and makes room for those to come. The job must stay until
 * `restored` has settled; it rejects with `CheckpointError` or the operating system's error.
 */
export function keepJob(
  job: Job,
  control: Pick<ResolvedControl, 'checkpoint' | 'resume'>,
  { kept, withLists }: KeptBeside,
): JobKeeper {
  const { checkpoint, resume } = control;
  if (checkpoint === undefined && resume === undefined) {
    return { restored: Promise.resolve(newJob), checkpoints: undefined, release() {} };
  }
  const identity = identifyJob(job);
  let claim: CheckpointClaim | undefined;
  let isReleased = false;
  const restore = async (): Promise<RestoredJob> => {
    const restored = await restoreJob(job, await identity, resume);
    if (checkpoint !== undefined) {
      const isSame = resume !== undefined && resolve(resume.path) === resolve(checkpoint.path);
      const damaged = restored.faults.map(({ iteration }) => iteration);
      await prepareCheckpoints(checkpoint.path, {
        isResumed: isSame,
        damaged: isSame ? damaged : [],
      });
      claim = await claimCheckpoints(checkpoint.path, await identity);
      if (isReleased) claim.release();
    }
    return restored;
  };
  return {
    restored: restore(),
    checkpoints: checkpoint && {
      every: checkpoint.every,
      kept,
      async write(snapshot) {
        const { path, keep } = checkpoint;
        await claim?.renew();
        const history = withLists(snapshot.history);
        const whole = { identity: await identity, snapshot: { ...snapshot, history } };
        const { bytes } = await saveCheckpoint(path, whole, keep);
        return { path, bytes };
      },
    },
    release() {
      isReleased = true;
      claim?.release();
    },
  };
}

async function restoreJob(
  job: Job,
  identity: JobIdentity,
  resume: ResolvedControl['resume'],
): Promise<RestoredJob> {
  const found = resume && (await loadCheckpoint(resume.path));
  if (found === undefined) {
    if (!resume?.isRequired) return newJob;
    throw new CheckpointError(
      'ERR_CHECKPOINT_NOT_FOUND',
      `found no checkpoint in ${resume.path}; expected one to go on from; ` +
        'try the path that checkpoint was given, or resume: true to begin where there is none',
    );
  }
  const { iteration } = found.snapshot;
  const differences = identityDifferences(found.identity, identity);
  if (differences.length > 0) throw mismatch(resume!.path, iteration, differences);
  const { iterations } = job.settings.schedule;
  if (iteration > iterations) {
    const text = `iteration ${iteration} of ${iterations}`;
    throw mismatch(resume!.path, iteration, [{ name: 'iterations', text }]);
  }
  checkSizes(job, resume!.path, found.snapshot);
  restoreSnapshot(job, found.snapshot);
  return {
    kept: found.snapshot.kept,
    history: found.snapshot.history,
    faults: found.damaged.map(({ iteration, error: { message } }) => ({
      type: 'fault',
      component: 'checkpoint',
      iteration,
      message,
      action: 'use-older',
    })),
  };
}

/** A checkpoint of this job has its sizes, unless it is forged. */
function checkSizes(job: Job, path: string, snapshot: Snapshot): void {
  const { userFactors, itemFactors } = snapshot;
  for (const [side, { length }] of [
    ['user', userFactors],
    ['item', itemFactors],
  ] as const) {
    const expected = job.layout[side].rowCount * job.layout.stride;
    if (length !== expected)
      throw damagedCheckpoint(path, `${length} ${side} factors, not ${expected},`);
  }
}

function mismatch(
  path: string,
  iteration: number,
  differences: readonly IdentityDifference[],
): CheckpointError {
  return new CheckpointError(
    'ERR_CHECKPOINT_MISMATCH',
    `found a checkpoint of iteration ${iteration} in ${path} with ` +
      `${differences.map(({ text }) => text).join(', ')}; expected that of the same ratings and ` +
      'options, of which only placement, checkpoint and more iterations may change; ' +
      'try those it was made with, or another path to begin anew',
    { differences: differences.map(({ name }) => name) },
  );
}
