import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestName } from '../model/store/manifest.js';

/** Milliseconds between two looks. */
const everyMs = 1_000;

export interface ModelWatch {
  stop(): void;
  /** Notices no change until `work` has ended: it saves a model and takes it itself. */
  pausedDuring<Result>(work: () => Promise<Result>): Promise<Result>;
}

/**
 * Calls back whenever another model lies at a path. It looks at the manifest, which a save renames
 * last, so a model is whole when it is noticed; this also works on network and container volumes,
 * where the operating system reports nothing. A link that leads elsewhere counts as another model.
 *
 * @param onChange awaited before the next look
 */
export async function watchModel(
  path: string,
  onChange: () => Promise<unknown>,
): Promise<ModelWatch> {
  const manifest = join(path, manifestName);
  let known = await stampOf(manifest);
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let isPaused = false;
  const lookLater = () => {
    timer = setTimeout(look, everyMs);
    // Looking alone keeps no process alive.
    timer.unref();
  };
  const look = async () => {
    const found = isPaused ? known : await stampOf(manifest);
    const isOther = found !== undefined && found !== known;
    if (isOther && !isStopped && !isPaused) {
      known = found;
      await onChange();
    }
    if (!isStopped) lookLater();
  };
  lookLater();
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
    async pausedDuring(work) {
      isPaused = true;
      try {
        return await work();
      } finally {
        known = (await stampOf(manifest)) ?? known;
        isPaused = false;
      }
    },
  };
}

async function stampOf(file: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return undefined;
  }
}
