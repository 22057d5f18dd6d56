import { readFileSync, writeFileSync } from 'node:fs';

/** Forgets the highest resident memory so far. Linux only; elsewhere the peak is the process's. */
export function restartPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Without it the figure includes the reading of the ratings: too high, never too low.
  }
}

/** Highest resident memory of this process, threads included, since `restartPeak`. */
export function highestResidentBytes(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
