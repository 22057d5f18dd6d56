import { InvalidOptionError } from '../errors.js';
import { FactorModel } from '../model/factor-model.js';

/** Throws `InvalidOptionError` unless it is a model, or may be the path of one. */
export function checkModel(model: unknown): void {
  if (model instanceof FactorModel || (typeof model === 'string' && model !== '')) return;
  throw new InvalidOptionError('model', model, 'a model, or the path of one');
}
