import { sha256 } from '../digest.js';
import { describe } from '../errors.js';
import { isDescribed } from '../ratings/described-ratings.js';
import { fingerprintRatings } from '../ratings/fingerprint.js';
import type { Job } from './job.js';

/**
 * All that decides which bits a job computes, by name, as plain JSON: fingerprints of the ratings
 * and of those withheld, the kernel that really runs, the blocks, and the options. Where it runs is
 * not part of it, nor how many iterations.
 */
export type JobIdentity = Readonly<Record<string, unknown>>;

/** What a job computes. A large array, such as starting factors, stands there as its SHA-256. */
export async function identifyJob({
  layout,
  ratings,
  heldOut,
  settings,
}: Pick<Job, 'layout' | 'ratings' | 'heldOut' | 'settings'>): Promise<JobIdentity> {
  const { iterations: _, ...schedule } = settings.schedule;
  const identity: Record<string, unknown> = {};
  for (const [name, value] of Object.entries({
    ratings: isDescribed(ratings)
      ? ratings.described.fingerprint
      : await fingerprintRatings(ratings),
    withheldRatings: heldOut && (await fingerprintRatings(heldOut)),
    ...{ ...settings.row, ...settings.solver, ...settings.loss, ...settings.start, ...schedule },
    blocks: settings.blocks,
    kernel: layout.kernel,
    userBlocks: layout.user.blockStarts,
    itemBlocks: layout.item.blockStarts,
  })) {
    if (value !== undefined) identity[name] = await asPlain(value);
  }
  return identity;
}

/** What is not the same in two identities. */
export interface IdentityDifference {
  /** Name of an option, or `ratings`, `withheldRatings`, `userBlocks`, `itemBlocks`. */
  readonly name: string;
  /** For people: `rank 64 instead of 32`. */
  readonly text: string;
}

/** How `found` differs from `expected`; empty if both compute the same. */
export function identityDifferences(
  found: JobIdentity,
  expected: JobIdentity,
): IdentityDifference[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...names]
    .filter((name) => JSON.stringify(found[name]) !== JSON.stringify(expected[name]))
    .map((name) => ({ name, text: differenceText(name, found[name], expected[name]) }));
}

function differenceText(name: string, found: unknown, expected: unknown): string {
  const isShort = [found, expected].every(
    (value) => typeof value !== 'object' && String(value).length < 40,
  );
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  if (!isShort) return `other ${words}`;
  const value = (known: unknown) => (known === undefined ? 'none' : describe(known));
  return `${name} ${value(found)} instead of ${value(expected)}`;
}

async function asPlain(value: unknown): Promise<unknown> {
  if (ArrayBuffer.isView(value)) return sha256([value]);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const plain: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) plain[name] = await asPlain(part);
  return plain;
}
