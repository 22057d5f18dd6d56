import { setImmediate as nextTurn } from 'node:timers/promises';

/** What would keep this process alive, sorted; pipes to the test runner left out. */
export function activeResources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((resource) => !['PipeWrap', 'TTYWrap', 'Immediate'].includes(resource))
    .sort();
}

/** The active resources once they are back at `wanted`, or what they are after many turns. */
export async function untilQuiet(wanted: readonly string[]): Promise<string[]> {
  for (let turn = 0; turn < 100_000; turn++) {
    if (activeResources().join() === wanted.join()) break;
    await nextTurn();
  }
  return activeResources();
}
