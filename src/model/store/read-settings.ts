import { describe } from '../../errors.js';
import { resolveJobOptions } from '../../training/resolve-options.js';
import { type ModelSettings, modelSettings } from '../model-settings.js';

/** What settings were before there was an option for them; older models do not have these fields. */
const before = {
  objective: 'confidence',
  biases: false,
  globalMean: false,
  nonnegative: false,
  balance: false,
  overrelaxation: false,
  initialScale: 0.1,
} as const;

/**
 * The settings of a saved model, each checked to be there and in the range that training allows.
 *
 * @param rank of the model's factors
 * Throws `InvalidOptionError` or `TypeError`, which names the field.
 */
export function readSettings(stored: Record<string, unknown>, rank: number): ModelSettings {
  const complete = { ...before, ...stored };
  const settings = modelSettings(resolveJobOptions(complete));
  for (const name of Object.keys(settings)) {
    if (!(name in complete)) throw new TypeError(`found no setting ${name}`);
  }
  for (const name of Object.keys(complete)) {
    if (!(name in settings)) throw new TypeError(`found ${name}, which is no setting of a model`);
  }
  if (settings.rank !== rank) {
    throw new TypeError(`found rank ${describe(settings.rank)} in settings; expected ${rank}`);
  }
  return settings;
}
