import type { StartedEvent } from '../../dataflow/training/training-event.js';

/** What the loss is, in the words of the flags. */
export function lossSettingsText({
  settings,
  feedback,
}: Pick<StartedEvent, 'settings' | 'feedback'>): string {
  const { objective, alpha, unobservedWeight, regularization, regularizationExponent } = settings;
  const λ = `regularization ${regularization}, exponent ${regularizationExponent}`;
  if (feedback === 'explicit') return `squared errors, ${λ}`;
  return `${objective}, alpha ${alpha}, unobserved weight ${unobservedWeight}, ${λ}`;
}
