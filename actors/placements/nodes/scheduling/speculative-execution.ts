/** What a node does in the phase under way. Times are milliseconds of one clock. */
export interface NodeLoad<Task> {
  /** In threads of the usual speed, > 0. */
  readonly capacity: number;
  /** When it was given its first task of the phase; undefined if it has had none. */
  readonly sinceMs: number | undefined;
  /** When it last answered. */
  readonly lastMs: number | undefined;
  /** Work of the tasks that it has done. */
  readonly done: number;
  /** Its pending tasks, in the order in which they were given. */
  readonly left: readonly {
    readonly task: Task;
    readonly work: number;
    /** Number of nodes that have it. */
    readonly places: number;
  }[];
}

/** A task that a second node is to solve as well. */
export interface Speculation<Load, Task> {
  readonly task: Task;
  readonly from: Load;
  readonly to: Load;
}

/**
 * A second node gets a task only if it takes longer at the first one, by this factor and this time.
 */
const factor = 2;
const marginMs = 500;

/**
 * Chooses a task that an idle node should solve as well: the last one at a slow node, if waiting
 * for it takes much longer than solving it elsewhere.
 *
 * The time at the slow node is a lower bound: what its speed in this phase gives if its current
 * task were done now, and at least as long as it has been silent already.
 */
export function chooseSpeculation<Task, Load extends NodeLoad<Task>>(
  loads: readonly Load[],
  nowMs: number,
): Speculation<Load, Task> | undefined {
  const paces = loads.filter(({ done }) => done > 0).map((load) => paceOf(load) / load.capacity);
  if (paces.length === 0) return undefined;
  const usualPace = paces.reduce((total, pace) => total + pace, 0) / paces.length;
  const expected = (load: Load) => (load.done > 0 ? paceOf(load) : usualPace * load.capacity);
  const idle = loads.filter(({ left }) => left.length === 0);
  if (idle.length === 0) return undefined;
  const to = idle.reduce((best, load) => (expected(load) > expected(best) ? load : best));

  const choices = loads.flatMap((from) => {
    const last = from.left.findLast(({ places }) => places === 1);
    if (last === undefined) return [];
    const waitMs = minWait(from, nowMs);
    const isSlow = waitMs > (factor * last.work) / expected(to) + marginMs;
    return isSlow ? [{ waitMs, choice: { task: last.task, from, to } }] : [];
  });
  if (choices.length === 0) return undefined;
  return choices.reduce((most, each) => (each.waitMs > most.waitMs ? each : most)).choice;
}

/** Work per millisecond of a node that has done some. */
function paceOf({ done, sinceMs, lastMs }: NodeLoad<unknown>): number {
  return done / Math.max(1, lastMs! - sinceMs!);
}

function minWait({ sinceMs, lastMs, done, left }: NodeLoad<unknown>, nowMs: number): number {
  const silentMs = nowMs - (lastMs ?? sinceMs!);
  const first = left[0]!.work;
  const behind = left.reduce((total, { work }) => total + work, 0) - first;
  const pace = (done + first) / Math.max(1, nowMs - sinceMs!);
  return Math.max(silentMs, behind / pace);
}
