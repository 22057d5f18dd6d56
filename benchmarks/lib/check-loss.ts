import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canImport, lossOfFactors } from '../peers/peers.js';
import { caseFiles } from './case-files.js';
import { caseNamed, objective } from './cases.js';
import { seesawContender } from './seesaw-contender.js';
import type { SeesawSettings } from './seesaw-settings.js';

/** Seesaw's own figure of the loss beside the one computed in Python from its final factors. */
export interface LossCheck {
  readonly caseName: string;
  readonly reported: number;
  readonly recomputed: number;
}

/** Trains three iterations and has the loss computed once more. Undefined without scipy. */
export async function checkLoss(
  caseName: string,
  rank: number,
  kernel: NonNullable<SeesawSettings['kernel']>,
): Promise<LossCheck | undefined> {
  if (!canImport('scipy')) return undefined;
  const files = await caseFiles(caseNamed(caseName), [rank], objective.seed);
  const factorsTo = mkdtempSync(join(tmpdir(), 'seesaw-factors-'));
  try {
    const trial = {
      ...files,
      ...objective,
      rank,
      solver: 'cg',
      threads: 1,
      iterations: 3,
      withLoss: true,
    } as const;
    const { loss } = await seesawContender({ kernel, factorsTo }).run(trial);
    const recomputed = await lossOfFactors({ ...trial, factorsTo });
    return { caseName, reported: loss!, recomputed };
  } finally {
    rmSync(factorsTo, { recursive: true });
  }
}
