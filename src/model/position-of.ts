import { describe, UnknownIdError } from '../errors.js';
import type { Id, IdVocabulary } from '../ratings/id-vocabulary.js';
import type { Side } from '../ratings/ratings.js';

/**
 * Position of an id. Throws `UnknownIdError`, which shows what ids look like and whether the same
 * id of another type (`'1'` for `1`) is known.
 */
export function positionOf(side: Side, id: Id, ids: IdVocabulary): number {
  const position = ids.positionOf(id);
  if (position !== undefined) return position;
  const examples = Array.from({ length: Math.min(3, ids.size) }, (_, at) => describe(ids.at(at)));
  const twin = otherTypes(id).find((other) => ids.positionOf(other) !== undefined);
  throw new UnknownIdError(
    side,
    id,
    `${ids.size} ${side} ids such as ${examples.join(', ')}` +
      (twin === undefined ? '' : `; try ${describe(twin)}, a ${typeof twin} and no ${typeof id}`),
  );
}

/** The ids that look like this one but have another type. */
function otherTypes(id: Id): Id[] {
  const text = String(id);
  const others: Id[] = [text];
  if (text.trim() !== '') others.push(Number(text));
  if (/^-?\d+$/.test(text)) others.push(BigInt(text));
  return others.filter((other) => typeof other !== typeof id);
}
