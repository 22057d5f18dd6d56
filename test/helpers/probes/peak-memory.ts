import { readFileSync } from 'node:fs';

/** Highest resident memory so far of a process, in bytes; undefined where the system does not tell. */
export function peakBytesOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
  } catch {
    return undefined;
  }
}
