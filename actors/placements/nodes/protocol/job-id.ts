import { randomUUID } from 'node:crypto';

/** A unique id for a job, which begins with a name: `nightly-4f1c93ab02de`. */
export function uniqueJobId(name: string): string {
  return `${name}-${randomUUID().replace(/-/g, '').slice(0, 12)}`;
}

/**
 * Whether the name at the start of a job's id matches a pattern.
 *
 * @param pattern `*` stands for any text
 */
export function takesJob(pattern: string, job: string): boolean {
  // No regular expression: patterns come from other machines, and many `*` make one run for ever.
  const name = job.replace(/-[0-9a-f]+$/, '');
  const [first, ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return name === pattern;
  const end = name.length - last.length;
  if (!name.startsWith(first!) || !name.endsWith(last)) return false;
  let at = first!.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end;
}
