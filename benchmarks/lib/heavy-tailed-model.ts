import { type FactorModel, loadModel, synthetic, trainModel } from 'seesaw';

/** Sizes of a model that lists are measured with. */
export interface HeavyTailed {
  readonly users: number;
  readonly items: number;
  readonly ratings: number;
  readonly rank: number;
}

/**
 * A model trained on made-up ratings whose counts are heavy-tailed: the one at `path` if there is one,
 * else it is trained, and saved there.
 */
export async function heavyTailedModel(
  { users, items, ratings, rank }: HeavyTailed,
  path: string | undefined,
): Promise<FactorModel> {
  const saved = path && (await loadModel(path).catch(() => undefined));
  if (saved) return saved;
  const options = { rank, iterations: 3, alpha: 5, regularization: 10, validationUsers: 0 };
  const model = await trainModel(synthetic({ users, items, count: ratings, seed: 1 }), options);
  if (path) await model.save(path);
  return model;
}
