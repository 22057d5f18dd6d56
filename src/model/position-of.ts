import { describe, UnknownIdError } from '../errors.js';
import { adviseTwin, twinOf } from '../ratings/id-twin.js';
import { checkId, type Id, type IdVocabulary } from '../ratings/id-vocabulary.js';
import type { Side } from '../ratings/ratings.js';

/**
 * Position of an id. Throws `UnknownIdError`, which shows an example of an id and whether the same
 * id of another type (`'1'` for `1`) is known.
 */
export function positionOf(side: Side, id: Id, ids: IdVocabulary): number {
  const position = ids.positionOf(id);
  if (position !== undefined) return position;
  const examples = Array.from({ length: Math.min(3, ids.size) }, (_, at) => describe(ids.at(at)));
  throw new UnknownIdError(
    side,
    id,
    `${ids.size} ${side} ids such as ${examples.join(', ')}${adviseTwin(id, twinOf(id, ids))}`,
  );
}

/**
 * Position of an id, or undefined if neither it nor a twin of another type is known: for lists of ids
 * that may outlive a model. Throws `InvalidIdError` for what is no id, `UnknownIdError` for a twin.
 */
export function positionIfKnown(side: Side, id: Id, ids: IdVocabulary): number | undefined {
  const position = ids.positionOf(id);
  if (position !== undefined) return position;
  checkId(id, side);
  return twinOf(id, ids) === undefined ? undefined : positionOf(side, id, ids);
}
