import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './files/is-alive.js';

/** Where a database puts what does not fit its memory. */
export interface SpillFolder {
  /** Empty where the temporary folder takes none, as on a read-only disk. */
  readonly path: string;
  /** Deletes the folder with what is in it. */
  remove(): Promise<void>;
}

/*
 * Names say which process owns a folder, so that folders of killed processes can be removed:
 *
 *     seesaw-spill-4026531836-1234-XXXXXX
 *                  where      pid  random
 *
 * Containers may share a temporary folder and number their processes each from 1, so a pid counts
 * only together with where it is one.
 */
const prefix = 'seesaw-spill-';
const own = /^seesaw-spill-(?<where>[\w.-]+)-(?<pid>\d+)-\w{6}$/;

const open = new Set<string>();
let swept: Promise<void> | undefined;

/**
 * Makes a folder that only this user can enter, under the system's temporary one. It goes when it is
 * removed, when the process exits, and after a crash with the next one that is made on this machine.
 */
export async function makeSpillFolder(): Promise<SpillFolder> {
  swept ??= removeSpillFolders((pid) => !isAlive(pid));
  await swept;
  // Small data needs no folder. If DuckDB needs one, it reports that.
  let path: string;
  try {
    // In one turn with what follows, so that no exit comes between.
    path = mkdtempSync(join(tmpdir(), `${prefix}${where()}-${process.pid}-`));
  } catch {
    return { path: '', async remove() {} };
  }
  if (open.size === 0) process.on('exit', removeOpen);
  open.add(path);
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true });
      open.delete(path);
      if (open.size === 0) process.off('exit', removeOpen);
    },
  };
}

/** Deletes the folders of those of this user's processes on this machine that `isGone` says yes to. */
export async function removeSpillFolders(isGone: (pid: number) => boolean): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const groups = own.exec(name)?.groups;
    if (groups?.where !== where() || !isGone(Number(groups.pid))) continue;
    const path = join(tmpdir(), name);
    // Other users who may write there could have put a folder, or a link to one, under such a name.
    const stats = await lstat(path).catch(() => undefined);
    if (!stats?.isDirectory() || stats.uid !== process.getuid?.()) continue;
    await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

function removeOpen(): void {
  for (const path of open) rmSync(path, { recursive: true, force: true });
}

/** Where a pid stands for one process: Linux numbers the namespaces, elsewhere it is the machine. */
function where(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))![0];
  } catch {
    return hostname().replace(/[^\w.-]/g, '-');
  }
}
