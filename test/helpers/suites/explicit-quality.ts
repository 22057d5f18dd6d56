import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';

/** A line of the benchmark; `figure` belongs to settings, `svd` to searches. */
export interface QualityResult {
  readonly options: object;
  readonly figure: number;
  readonly svd: number;
  readonly rmse: number;
  readonly errors: readonly number[];
}

const script = fileURLToPath(new URL('../../../benchmarks/explicit-quality.js', import.meta.url));

/** Runs benchmarks/explicit-quality.ts; passes and says so if the ratings are not there. */
export async function explicitQuality(
  t: ExecutionContext,
  args: readonly string[],
): Promise<QualityResult[]> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    script,
    '--json',
    ...args,
  ]);
  const results = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as QualityResult);
  if (stderr.includes('is left out')) {
    t.log(`skipped: ${stderr.trim()}`);
    t.pass();
  } else {
    t.true(results.length > 0);
  }
  return results;
}
