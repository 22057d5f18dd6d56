import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';

/** What a table has to name for its figures to mean anything. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  /** Short hash, with a plus sign if files differ from it; `unknown` outside a repository. */
  readonly commit: string;
  readonly command: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    commit: currentCommit(),
    command: ['node', relativeScript(), ...process.argv.slice(2)].join(' '),
  };
}

/**
 * The line under a table.
 *
 * @param versions of what was measured, languages included: `seesaw 0.1.0 on Node 26.10.0`
 */
export function machineLine(machine: Machine, versions: readonly string[]): string {
  const { cpu, cores, memoryGiB, platform, commit, command } = machine;
  const parts = [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}`,
    [...new Set(versions)].join(', '),
    `commit ${commit}`,
    `\`${command}\``,
  ];
  return parts.join('; ');
}

const root = new URL('../../..', import.meta.url);

/** A bundle has no repository, so a variable gives it. */
function currentCommit(): string {
  if (process.env.SEESAW_COMMIT) return process.env.SEESAW_COMMIT;
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return git('rev-parse', '--short', 'HEAD') + (changed ? '+' : '');
  } catch {
    return 'unknown';
  }
}

function relativeScript(): string {
  return process.argv[1]!.replace(/^.*(?=build\/benchmarks\/)/, '');
}
