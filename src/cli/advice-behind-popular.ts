import type { EvaluationEvent } from '../../dataflow/evaluate.js';
import type { StartedEvent } from '../../dataflow/training/training-event.js';

/** What to try when lists of the most popular items agree better with what was withheld. */
export function adviceBehindPopular(
  { model, mostPopular }: Pick<EvaluationEvent, 'model' | 'mostPopular'>,
  { feedback, settings }: Pick<StartedEvent, 'feedback' | 'settings'>,
): string | undefined {
  const [k] = model.k;
  const isBehind = k !== undefined && mostPopular[`ndcg@${k}`]! > model[`ndcg@${k}`]!;
  if (!isBehind) return undefined;
  if (feedback === 'explicit') {
    return (
      'The most popular items make better lists than this model: it predicts ratings, and does not ' +
      'learn what users choose. For lists train without --feedback explicit.'
    );
  }
  const others = settings.objective === 'confidence' ? ', or --objective ials' : '';
  return (
    'The most popular items do better than this model. Try more --regularization or a smaller --rank' +
    `${others}. With few ratings a user the most popular items can be the best there is.`
  );
}
