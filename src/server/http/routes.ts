import type { FastifyInstance } from 'fastify';
import type { Id } from '../../ratings/id-vocabulary.js';
import type { ServiceCore } from '../core.js';
import { HttpError } from '../http-error.js';
import { answerFor } from './answer-error.js';
import { send } from './answers.js';
import { type ListParameters, queryOfAddress, queryOfBody } from './list-query.js';
import { answer, explanation, items, limited, list, userLists } from './schemas.js';

interface UserParameters {
  readonly user: string;
}
interface ItemParameters {
  readonly item: string;
}
interface GivenInteraction {
  readonly user: Id;
  readonly item: Id;
  readonly rating?: number;
}

/** The longest batch has so many of the longest lists. */
const listsOfBatch = 100;

/** Routes that read: they change nothing. */
export function addListRoutes(app: FastifyInstance, core: ServiceCore): void {
  const { limits } = core.options;
  const schemas = limited(limits);
  const fromAddress = (parameters: ListParameters) =>
    queryOfAddress(parameters, limits.list, limits.batch);

  app.get<{ Params: UserParameters; Querystring: ListParameters }>(
    '/users/:user/recommendations',
    {
      schema: {
        ...{ summary: 'Items for a user, best first', tags: ['lists'] },
        ...{ params: schemas.user, querystring: schemas.listQuery },
        response: answer(list, ['items', 'source']),
      },
    },
    async (request, reply) => {
      const { generation, result } = await core.recommend(
        request.params.user,
        fromAddress(request.query),
      );
      return send(reply, request, generation, result);
    },
  );

  app.get<{ Params: UserParameters & ItemParameters; Querystring: { count: number } }>(
    '/users/:user/explanations/:item',
    {
      schema: {
        ...{ summary: "Which of a user's ratings speak for an item", tags: ['lists'] },
        ...{ params: schemas.userItem, querystring: schemas.onlyCount },
        response: answer(explanation),
      },
    },
    async (request, reply) => {
      const { user, item } = request.params;
      const { generation, result } = await core.explain(user, item, request.query.count);
      return send(reply, request, generation, result);
    },
  );

  app.get<{ Params: ItemParameters; Querystring: { count: number } }>(
    '/items/:item/similar',
    {
      schema: {
        ...{ summary: 'Items that the same users like', tags: ['lists'] },
        ...{ params: schemas.item, querystring: schemas.onlyCount },
        response: answer({ items }, ['items']),
      },
    },
    async (request, reply) => {
      const { generation, result } = await core.similar(request.params.item, request.query.count);
      return send(reply, request, generation, { items: result });
    },
  );

  app.get<{ Querystring: ListParameters }>(
    '/popular',
    {
      schema: {
        ...{ summary: 'Items with the most ratings', tags: ['lists'] },
        querystring: schemas.popularQuery,
        response: answer(list, ['items', 'source']),
      },
    },
    async (request, reply) => {
      const { generation, result } = await core.popular(fromAddress(request.query));
      return send(reply, request, generation, result);
    },
  );

  app.post<{ Body: ListParameters & { interactions: { item: Id; rating?: number }[] } }>(
    '/recommendations',
    {
      schema: {
        ...{ summary: 'Items for an unknown user; nothing is kept', tags: ['lists'] },
        body: schemas.unknownUser,
        response: answer({ ...list, unknownItems: { type: 'integer' } }, ['items', 'source']),
      },
    },
    async (request, reply) => {
      const { interactions, ...parameters } = request.body;
      const query = queryOfBody(parameters, limits.list);
      const { generation, result } = await core.recommendFor(interactions, query);
      return send(reply, request, generation, result);
    },
  );

  app.post<{ Body: ListParameters & { users: Id[] } }>(
    '/batch',
    {
      schema: {
        ...{ summary: 'Items for each of many users, of one model', tags: ['lists'] },
        body: schemas.batch,
        response: answer({ lists: userLists }, ['lists']),
      },
    },
    async (request, reply) => {
      const { users, ...parameters } = request.body;
      const query = queryOfBody(parameters, limits.list);
      const most = limits.list * listsOfBatch;
      if (users.length * query.count > most) {
        const found = `${users.length} users and count ${query.count}`;
        const message = `found ${found}; expected at most ${most} items in all`;
        throw new HttpError(400, 'ERR_INVALID_REQUEST', message);
      }
      const { generation, result } = await core.recommendToMany(users.map(String), query);
      const lists = result.map(({ list: made, error }, at) => {
        if (made !== undefined) return { user: users[at], ...made };
        const { code, message } = answerFor(error);
        return { user: users[at], error: { code, message } };
      });
      return send(reply, request, generation, { lists });
    },
  );
}

/** Routes that add what users did and saw. */
export function addFeedbackRoutes(app: FastifyInstance, core: ServiceCore): void {
  const schemas = limited(core.options.limits);

  app.post<{ Body: { interactions: GivenInteraction[] } }>(
    '/interactions',
    {
      schema: {
        ...{ summary: 'What users did: lists follow it at once', tags: ['feedback'] },
        body: schemas.interactions,
        response: answer(
          {
            stored: { type: 'integer' },
            isDurable: { type: 'boolean', description: 'Whether they are on disk.' },
            unknownItems: { type: 'integer', description: 'They count from the next training on.' },
          },
          ['stored', 'isDurable', 'unknownItems'],
        ),
      },
    },
    async (request, reply) => {
      const interactions = request.body.interactions.map(({ user, item, rating = 1 }, at) => ({
        user: String(user),
        item: String(item),
        rating: checkedRating(rating, at, core.isExplicit),
      }));
      const { generation, result } = await core.interact(interactions);
      return send(reply, request, generation, result);
    },
  );

  app.post<{ Body: { user: Id; items: Id[]; seconds?: number } }>(
    '/impressions',
    {
      schema: {
        ...{ summary: 'What a user was shown: counts as seen for some time', tags: ['feedback'] },
        body: schemas.impressions,
        response: answer({ shown: { type: 'integer' } }, ['shown']),
      },
    },
    async (request, reply) => {
      const { user, items: shown, seconds = core.options.impressionSeconds } = request.body;
      const { generation, result } = core.show(String(user), shown.map(String), seconds);
      return send(reply, request, generation, result);
    },
  );
}

/** Larger ratings are times or mistakes; they would outweigh all that a user did. */
const largestRating = 1e6;

function checkedRating(rating: number, at: number, isExplicit: boolean): number {
  const least = isExplicit ? -largestRating : 0;
  const rounded = Math.fround(rating);
  if (rounded >= least && rounded <= largestRating && (rounded !== 0 || rating === 0)) {
    return rounded + 0;
  }
  const expected = `a number from ${least} to ${largestRating}`;
  const message = `found rating ${rating} of interaction ${at}; expected ${expected}`;
  throw new HttpError(400, 'ERR_INVALID_RATING', message);
}
