import { resolve } from 'node:path';
import type { Checkpoints } from '../../actors/checkpoint-writer.js';
import type { CheckpointFault } from '../../actors/run-event.js';
import { CheckpointError } from '../../src/errors.js';
import { loadCheckpoint } from '../../src/io/load-checkpoint.js';
import { prepareCheckpoints, saveCheckpoint } from '../../src/io/save-checkpoint.js';
import type { IterationErrors } from '../../src/training/accounts.js';
import type { Job } from '../../src/training/job.js';
import {
  type IdentityDifference,
  identifyJob,
  identityDifferences,
  type JobIdentity,
} from '../../src/training/job-identity.js';
import { restoreSnapshot } from '../../src/training/snapshot.js';
import type { ResolvedControl } from './training-control.js';

/** What a job has behind it when it begins. */
export interface RestoredJob {
  /** Errors of the iterations that are done; empty for a new job. */
  readonly history: readonly IterationErrors[];
  /** Newer checkpoints that were passed over. */
  readonly faults: readonly CheckpointFault[];
}

/** The way of a job to and from the disk. */
export interface JobKeeper {
  /** Brings the job to where its checkpoint was taken, if it is to go on from one. */
  readonly restored: Promise<RestoredJob>;
  readonly checkpoints: Checkpoints | undefined;
}

/**
 * Looks for the checkpoint to go on from, and makes room for those to come. The job must stay until
 * `restored` has settled; it rejects with `CheckpointError` or the operating system's error.
 */
export function keepJob(
  job: Job,
  control: Pick<ResolvedControl, 'checkpoint' | 'resume'>,
): JobKeeper {
  const { checkpoint, resume } = control;
  if (checkpoint === undefined && resume === undefined) {
    return { restored: Promise.resolve({ history: [], faults: [] }), checkpoints: undefined };
  }
  const identity = identifyJob(job);
  const restore = async (): Promise<RestoredJob> => {
    const restored = await restoreJob(job, await identity, resume);
    if (checkpoint !== undefined) {
      const isSame = resume !== undefined && resolve(resume.path) === resolve(checkpoint.path);
      await prepareCheckpoints(checkpoint.path, isSame);
    }
    return restored;
  };
  return {
    restored: restore(),
    checkpoints: checkpoint && {
      every: checkpoint.every,
      async write(snapshot) {
        const { path, keep } = checkpoint;
        const { bytes } = await saveCheckpoint(path, { identity: await identity, snapshot }, keep);
        return { path, bytes };
      },
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
    if (!resume?.isRequired) return { history: [], faults: [] };
    throw new CheckpointError(
      'ERR_CHECKPOINT_NOT_FOUND',
      `found no checkpoint in ${resume.path}; expected one to go on from; ` +
        'try the path that checkpoint was given, or resume: true to begin where there is none',
    );
  }
  const { iteration } = found.snapshot;
  const differences = identityDifferences(found.identity, identity);
  if (differences.length > 0) throw mismatch(resume!.path, iteration, differences);
  if (iteration > job.options.iterations) {
    const text = `iteration ${iteration} of ${job.options.iterations}`;
    throw mismatch(resume!.path, iteration, [{ name: 'iterations', text }]);
  }
  restoreSnapshot(job, found.snapshot);
  return {
    history: found.snapshot.history,
    faults: found.damaged.map(({ iteration, error: { message } }) => ({
      type: 'fault',
      part: 'checkpoint',
      iteration,
      message,
      action: 'use-older',
    })),
  };
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
