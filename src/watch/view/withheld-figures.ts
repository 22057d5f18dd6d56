import type { EvaluationLine, IterationLine } from '../lines.js';

/**
 * The figures of a model on withheld ratings, by name: those of the evaluation, or of the last
 * iteration where there is none.
 */
export function withheldFigures(
  evaluation: EvaluationLine | undefined,
  iteration: IterationLine | undefined,
): Readonly<Record<string, number>> {
  if (evaluation === undefined) return iteration?.validation ?? {};
  const { model, ratings } = evaluation;
  return { ...model, ...(ratings?.model && { rmse: ratings.model.rmse }) };
}
