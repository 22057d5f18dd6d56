import { MemoryLimitError, MemoryRefusedError } from '../errors.js';
import type { FactorModel } from './factor-model.js';
import type { BuildIndexOptions } from './ranking/index-store.js';

/** Elements of the items' factors from which on an index is faster than a scan. */
const indexedElements = 200_000;

/** Gives a large model its index. One whose index does not fit memory stays without it. */
export async function indexIfLarge(
  model: FactorModel,
  options: BuildIndexOptions = {},
): Promise<void> {
  if (model.itemFactors.length < indexedElements) return;
  try {
    await model.buildIndex(options);
  } catch (error) {
    const isFull = error instanceof MemoryLimitError || error instanceof MemoryRefusedError;
    if (!isFull) throw error;
  }
}
