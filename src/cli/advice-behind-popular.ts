import type { EvaluationEvent } from '../../dataflow/evaluate.js';

/** What to try when lists of the most popular items agree better with what was withheld. */
export function adviceBehindPopular({
  model,
  mostPopular,
}: Pick<EvaluationEvent, 'model' | 'mostPopular'>): string | undefined {
  const [k] = model.k;
  const isBehind = k !== undefined && mostPopular[`ndcg@${k}`]! > model[`ndcg@${k}`]!;
  return isBehind
    ? 'The most popular items do better than this model. Try more --regularization, a smaller --rank, ' +
        'or --objective ials. With few ratings a user the most popular items can be the best there is.'
    : undefined;
}
