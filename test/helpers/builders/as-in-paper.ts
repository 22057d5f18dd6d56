import { type JobOptions, paperSettings } from '../../../src/training/options.js';
import { resolveJobOptions } from '../../../src/training/resolve-options.js';
import { trainingSettings } from '../../../src/training/training-settings.js';

/** `options`, with fixed settings of the loss where they give none: for tests that are not about the choice. */
export function asInPaper(options: JobOptions = {}): JobOptions {
  const { regularization, regularizationExponent } = paperSettings;
  if (options.feedback === 'explicit') {
    return { regularization, regularizationExponent, ...options };
  }
  const alpha = options.objective === 'ials' ? 0 : paperSettings.alpha;
  return { ...paperSettings, alpha, ...options };
}

/** Those options, checked, with every default filled in. */
export function resolvedAsInPaper(options: JobOptions = {}) {
  return resolveJobOptions(asInPaper({ start: 'random', ...options }));
}

/** Their settings, for a job. */
export function settingsAsInPaper(options: JobOptions = {}) {
  return trainingSettings(resolvedAsInPaper(options));
}
