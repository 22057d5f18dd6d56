import { describe } from '../errors.js';
import { nearestName } from '../nearest-name.js';
import { idFromText } from '../ratings/id-from-text.js';
import type { Id } from '../ratings/id-vocabulary.js';
import { UsageError } from './exit-status.js';

/** Adds the ids of a comma-separated list to those of the same flag before it. */
export function collectIds(list: string, before: readonly string[] = []): readonly string[] {
  const ids = list.split(',').map((text) => text.trim());
  return [...before, ...ids.filter((text) => text !== '')];
}

/**
 * The known ids that the texts of a flag mean; undefined if the flag was not given. Throws
 * `UsageError` with the nearest known id for an unknown one, so that a typing error does not
 * recommend an item that `--deny` should exclude.
 */
export function knownIds(
  flag: string,
  texts: readonly string[] | undefined,
  known: readonly Id[],
): Id[] | undefined {
  if (texts === undefined) return undefined;
  const all = new Set(known);
  return texts.map((text) => {
    const id = idFromText(text, known);
    if (all.has(id)) return id;
    const nearest = nearestName(text, known.map(String));
    throw new UsageError(
      `found ${JSON.stringify(text)} in ${flag}, which is no item of this model; expected ids such as ` +
        `${describe(known[0])}; try ${nearest === undefined ? 'to leave it out' : describe(nearest)}`,
    );
  });
}
