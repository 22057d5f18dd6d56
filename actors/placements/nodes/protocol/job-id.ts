import { randomUUID } from 'node:crypto';

/** An id for a job that no other has, which begins with a name: `nightly-4f1c93ab02de`. */
export function newJobId(name: string): string {
  return `${name}-${randomUUID().replace(/-/g, '').slice(0, 12)}`;
}

/**
 * Whether the name that a job's id begins with fits a pattern.
 *
 * @param pattern `*` stands for any text
 */
export function takesJob(pattern: string, job: string): boolean {
  // No regular expression: patterns come from elsewhere, and many `*` take one for ever.
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
