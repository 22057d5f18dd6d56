import { rmSync } from 'node:fs';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CheckpointError } from '../errors.js';
import { identityDifferences, type JobIdentity } from '../training/job-identity.js';
import { unwritableCheckpoint } from './checkpoint-errors.js';
import { readSmallFile } from './files/regular-file.js';
import { replaceFile } from './files/replace-file.js';
import {
  giveBackToken,
  isAbandoned,
  takeToken,
  tokenPattern,
  type WriterToken,
} from './files/writer-token.js';

/** Larger ones are not read. */
const maxClaimBytes = 2 ** 20;

/** Name of a claim, or of the partial file that a crash left. */
const claimPattern = new RegExp(`^claim\\.(${tokenPattern})\\.json(\\.${tokenPattern}\\.tmp)?$`);

/** The claim of a run to a directory of checkpoints: a file there, while the run lives. */
export interface CheckpointClaim {
  /**
   * Renews the claim. If it is not renewed for a day, only its process shows whether the run lives.
   */
  renew(): Promise<void>;
  /** Removes the file, at once. */
  release(): void;
}

/**
 * Claims a directory for the checkpoints of a job, while no other job has claimed it. The same job may
 * claim it again: its checkpoints are the same. Claims of processes that are gone are removed.
 *
 *     claim.<token>.json      identity of the job
 *
 * Every run writes its own claim before it looks for others, so of two runs that begin at once at least
 * one is refused.
 *
 * Throws `CheckpointError`: ERR_CHECKPOINT_IN_USE, with the differences; ERR_CHECKPOINT_UNWRITABLE.
 */
export async function claimCheckpoints(
  path: string,
  identity: JobIdentity,
): Promise<CheckpointClaim> {
  const directory = resolve(path);
  const token = takeToken();
  const file = join(directory, `claim.${token}.json`);
  const claim: CheckpointClaim = {
    async renew() {
      const now = new Date();
      await utimes(file, now, now).catch(() => {});
    },
    release() {
      giveBackToken(token);
      try {
        rmSync(file, { force: true });
      } catch {
        // The next job removes it, when this process is gone.
      }
    },
  };
  try {
    await replaceFile(file, JSON.stringify(identity), token);
    await expectNoOther(path, token, identity);
    return claim;
  } catch (error) {
    claim.release();
    throw unwritableCheckpoint(path, error);
  }
}

async function expectNoOther(path: string, own: WriterToken, identity: JobIdentity): Promise<void> {
  for (const name of await readdir(path)) {
    const [, token, isPart] = claimPattern.exec(name) ?? [];
    if (token === undefined || token === own) continue;
    const file = join(path, name);
    const found = await stat(file).catch(() => undefined);
    if (found === undefined) continue;
    if (isAbandoned(token, found.mtimeMs)) {
      await rm(file, { force: true }).catch(() => {});
    } else if (isPart === undefined) {
      const other = await readClaim(file);
      const differences = other === undefined ? [] : identityDifferences(other, identity);
      if (differences.length > 0) throw inUse(path, token, differences);
    }
  }
}

/** Nothing if it is gone, or none. */
async function readClaim(file: string): Promise<JobIdentity | undefined> {
  try {
    return Object(JSON.parse(await readSmallFile(file, maxClaimBytes)));
  } catch {
    return undefined;
  }
}

function inUse(
  path: string,
  token: WriterToken,
  differences: ReturnType<typeof identityDifferences>,
): CheckpointError {
  const process = Number.parseInt(token.split('-')[1]!, 16);
  return new CheckpointError(
    'ERR_CHECKPOINT_IN_USE',
    `found a job that writes its checkpoints into ${path} now, in process ${process}, with ` +
      `${differences.map(({ text }) => text).join(', ')}; expected one job at a time; ` +
      'try another path, or wait for that job to end',
    { differences: differences.map(({ name }) => name) },
  );
}
