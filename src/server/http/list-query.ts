import type { Id } from '../../ratings/id-vocabulary.js';
import { HttpError } from '../http-error.js';
import type { ListQuery } from '../lists.js';

/** The parameters of a list after their check by the schema, in an address or a body. */
export interface ListParameters {
  readonly count: number;
  readonly offset: number;
  readonly exclude?: readonly Id[];
  readonly deny?: readonly Id[];
  readonly allow?: readonly Id[];
  readonly category?: readonly Id[];
  readonly minScore?: number;
  readonly filterSeen?: boolean;
  readonly fallback?: 'popular';
}

/** The query of a body, where ids are listed one by one. Throws `HttpError`. */
export function queryOfBody(parameters: ListParameters, longest: number): ListQuery {
  return query(parameters, longest, (ids) => ids.map(String));
}

/** The query of an address, where ids may be listed with commas between. Throws `HttpError`. */
export function queryOfAddress(
  parameters: ListParameters,
  longest: number,
  most: number,
): ListQuery {
  return query(parameters, longest, (ids) => {
    const texts = ids.flatMap((text) => String(text).split(',')).filter((text) => text !== '');
    if (texts.length <= most) return texts;
    throw new HttpError(
      ...([
        400,
        'ERR_INVALID_REQUEST',
        `found ${texts.length} ids; expected at most ${most}`,
      ] as const),
    );
  });
}

function query(
  parameters: ListParameters,
  longest: number,
  textsOf: (ids: readonly Id[]) => string[],
): ListQuery {
  const { count, offset, exclude = [], deny = [], allow, category, minScore } = parameters;
  if (count + offset > longest) {
    const found = `count ${count} and offset ${offset}`;
    const message = `found ${found}; expected at most ${longest} together`;
    throw new HttpError(400, 'ERR_INVALID_REQUEST', message);
  }
  return {
    ...{ count, offset, minScore },
    exclude: textsOf(exclude),
    deny: textsOf(deny),
    allow: allow && textsOf(allow),
    category: category && textsOf(category),
    filterSeen: parameters.filterSeen ?? true,
    fallback: parameters.fallback,
  };
}
