import { InvalidOptionError } from '../errors.js';
import type { FactorModel } from '../model/factor-model.js';
import { checkModel } from './check-model.js';
import type { Service } from './service-contract.js';
import { resolveServiceOptions, type ServiceOptions } from './service-options.js';

/**
 * Serves a model: lists for users, similar items, explanations, interactions that lists follow at
 * once, changes of the model without a gap. docs/serving.md has every route.
 *
 *     const service = await createService('model', { log: 'interactions' });
 *     const { url } = await service.listen({ port: 8080 });
 *     // curl $url/users/42/recommendations?count=5
 *
 * Loads Fastify when it is called. Rejects with `InvalidOptionError`, `ModelFileError` or
 * `InteractionLogError`.
 *
 * @param model a model, or the path of one, which is then loaded again when it changes
 */
export async function createService(
  model: FactorModel | string,
  options: ServiceOptions = {},
): Promise<Service> {
  const resolved = resolveServiceOptions(options);
  checkModel(model);
  const [{ ServiceCore }, { openService }] = await Promise.all([
    import('./core.js'),
    import('./service.js'),
  ]);
  if (resolved.retrain !== undefined && typeof model !== 'string') {
    const message = 'found retrain and a model without a path; expected the path of a model';
    throw new InvalidOptionError('retrain', message);
  }
  return openService(new ServiceCore(resolved, Date.now), model, resolved.basePath);
}
