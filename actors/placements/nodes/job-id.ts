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
  const source = pattern.split('*').join('[\\w-]*');
  return new RegExp(`^${source}-[0-9a-f]+$`).test(job);
}
