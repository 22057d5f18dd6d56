import { setImmediate as nextTurn } from 'node:timers/promises';

/** What would keep this process alive, sorted; without pipes to the test runner and what is closing. */
export function activeResources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((resource) => !['PipeWrap', 'TTYWrap', 'Immediate', 'CloseReq'].includes(resource))
    .sort();
}

/** The active resources once they are back at `wanted`, or what they are after many turns. */
export async function untilQuiet(wanted: readonly string[]): Promise<string[]> {
  await untilTrue(() => activeResources().join() === wanted.join());
  return activeResources();
}

/** Lets the event loop turn until `condition` holds; false if it does not after many turns. */
export async function untilTrue(condition: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 5_000_000 && !condition(); turn++) await nextTurn();
  return condition();
}
