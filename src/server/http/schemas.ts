import type { ResolvedServiceLimits } from '../service-options.js';

/** JSON Schema of the parts of requests and answers; OpenAPI is made of it. */
const id = { type: ['string', 'number'] } as const;
const name = { type: 'string', minLength: 1, maxLength: 512 } as const;
const anId = { anyOf: [name, { type: 'number' }] } as const;

export const answered = {
  generation: { type: 'integer', description: 'Number of the model that answers.' },
  requestId: { type: 'string' },
} as const;

const item = {
  type: 'object',
  required: ['itemId', 'score'],
  properties: {
    itemId: id,
    score: { type: 'number' },
    title: { type: 'string' },
    categories: { type: 'array', items: { type: 'string' } },
    attributes: { type: 'object', additionalProperties: { type: ['string', 'number'] } },
  },
} as const;

const source = {
  type: 'string',
  enum: ['model', 'interactions', 'popular'],
  description:
    'Where the list is from: a row of the training, one solved again with later interactions, or popularity.',
} as const;

const error = {
  type: 'object',
  required: ['code', 'message'],
  properties: { code: { type: 'string' }, message: { type: 'string' } },
} as const;

/** An answer of 200 with these properties. */
export function answer(properties: object, required: readonly string[] = []) {
  return {
    200: {
      type: 'object',
      description: 'Fine.',
      required: [...required, 'generation', 'requestId'],
      properties: { ...properties, ...answered },
    },
    '4xx': failed,
    '5xx': failed,
  };
}

export const failed = {
  type: 'object',
  description: 'What was wrong: the code is stable, the message is for people.',
  required: ['error'],
  properties: { error, ...answered },
} as const;

export const items = { type: 'array', items: item } as const;
export const list = { items, source } as const;

/** The list of one user of many. */
export const userLists = {
  type: 'array',
  items: { type: 'object', required: ['user'], properties: { user: id, items, source, error } },
} as const;

export const explanation = {
  itemId: id,
  title: item.properties.title,
  categories: item.properties.categories,
  attributes: item.properties.attributes,
  score: { type: 'number' },
  predicted: { type: 'number' },
  baseline: { type: 'number' },
  others: { type: 'number' },
  contributions: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        ...item.properties,
        rating: { type: 'number' },
        contribution: { type: 'number' },
      },
    },
  },
} as const;

/** An object that has nothing but these properties. */
export function strict(properties: object, required: readonly string[] = []) {
  return { type: 'object', additionalProperties: false, required, properties };
}

/** Schemas whose bounds are limits of the service. */
export function limited({ list: longest, batch }: ResolvedServiceLimits) {
  const count = {
    ...{ type: 'integer', minimum: 1, maximum: longest, default: Math.min(10, longest) },
    description: 'Length of the list; shorter if fewer items are left.',
  };
  const offset = {
    ...{ type: 'integer', minimum: 0, maximum: longest - 1, default: 0 },
    description: 'Items to leave out at the beginning, for pages.',
  };
  const someIds = { type: 'array', maxItems: batch, items: anId };
  const filters = (ids: object) => ({
    count,
    offset,
    exclude: { ...ids, description: 'Items to leave out, such as those of pages before.' },
    deny: { ...ids, description: 'Items to leave out.' },
    allow: { ...ids, description: 'Only these items.' },
    category: { ...ids, description: 'Only items of any of these categories.' },
    minScore: { type: 'number', description: 'Only items with this score or more.' },
    filterSeen: {
      ...{ type: 'boolean', default: true },
      description: 'Leave out what the user rated, interacted with or was shown.',
    },
    fallback: {
      ...{ type: 'string', enum: ['popular'] },
      description: 'What unknown users get; without it an error.',
    },
  });
  // In an address: `?deny=1,2` or `?deny=1&deny=2`.
  const listed = { type: 'array', maxItems: batch, items: { type: 'string', maxLength: 65_536 } };
  return {
    count,
    user: strict({ user: name }, ['user']),
    item: strict({ item: name }, ['item']),
    userItem: strict({ user: name, item: name }, ['user', 'item']),
    onlyCount: strict({ count }),
    listQuery: strict(filters(listed)),
    popularQuery: strict(
      Object.fromEntries(
        Object.entries(filters(listed)).filter(
          ([key]) => key !== 'filterSeen' && key !== 'fallback',
        ),
      ),
    ),
    unknownUser: strict(
      {
        interactions: {
          ...{ type: 'array', minItems: 1, maxItems: batch },
          items: strict({ item: anId, rating: { type: 'number' } }, ['item']),
        },
        ...filters(someIds),
      },
      ['interactions'],
    ),
    batch: strict({ users: { ...someIds, minItems: 1 }, ...filters(someIds) }, ['users']),
    interactions: strict(
      {
        interactions: {
          ...{ type: 'array', minItems: 1, maxItems: batch },
          items: strict({ user: anId, item: anId, rating: { type: 'number' } }, ['user', 'item']),
        },
      },
      ['interactions'],
    ),
    impressions: strict(
      {
        user: anId,
        items: { ...someIds, minItems: 1 },
        seconds: { type: 'number', exclusiveMinimum: 0, maximum: 31_536_000 },
      },
      ['user', 'items'],
    ),
    change: strict({ rollback: { type: 'boolean' } }),
  };
}
