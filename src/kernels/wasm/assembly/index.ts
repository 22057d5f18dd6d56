import { batchBytes } from './batch';
import { choleskyBytes, solveByCholesky } from './cholesky';
import { solveByConjugateGradient } from './conjugate-gradient';
import { gramBytes, writeBlockGram } from './gram';
import { IndexedItems, packPanels as packInPanels } from './index-panels';
import { searchItems as search } from './index-search';
import { searchScratch as searchBytes } from './search-scratch';
import { scorePanels } from './item-scores';
import { addProduct } from './matrix-product';
import { packedBytes, packItems as pack, PackedItems } from './packed-items';
import { rankScreened as rankKept, rankUsers as rank } from './ranking';
import { rankingScratch, RankingTask } from './ranking-task';
import { sketchBytes, sketchRows } from './sketch';
import { solveBySubspaces } from './subspace';
import { subspaceBytes } from './subspace-workshop';
import { ErrorSums, Task } from './task';

export { addProduct, packedBytes, rankingScratch, scorePanels };

/** Bytes of a task's record with its sums. */
export function taskBytes(): usize {
  return offsetof<Task>() + 2 * offsetof<ErrorSums>();
}

/** Bytes of scratch memory of a task that solves by conjugate gradient. */
export function conjugateGradientScratch(
  stride: usize,
  batchRows: usize,
  batchEntries: usize,
): usize {
  return max(batchBytes(stride, batchRows, batchEntries), otherBytes(stride));
}

/** Bytes of scratch memory of a task that solves by Cholesky. */
export function choleskyScratch(stride: usize, nonnegative: usize): usize {
  return max(choleskyBytes(stride, nonnegative), otherBytes(stride));
}

/** Bytes of scratch memory of a task that solves by subspaces of `size` dimensions. */
export function subspaceScratch(
  stride: usize,
  size: usize,
  batchRows: usize,
  batchEntries: usize,
): usize {
  return max(subspaceBytes(stride, size, batchRows, batchEntries), otherBytes(stride));
}

/** Bytes of scratch memory of tasks that do not solve. */
function otherBytes(stride: usize): usize {
  return max(gramBytes(stride), sketchBytes());
}

/** Runs the task at `task`; what it returns is an `Outcome`. */
export function conjugateGradient(task: usize): i32 {
  return solveByConjugateGradient(changetype<Task>(task));
}

/** Runs the task at `task`; what it returns is an `Outcome`. */
export function cholesky(task: usize): i32 {
  return solveByCholesky(changetype<Task>(task));
}

/** Runs the task at `task`; what it returns is an `Outcome`. */
export function subspace(task: usize): i32 {
  return solveBySubspaces(changetype<Task>(task));
}

/** Runs the task at `task`; what it returns is an `Outcome`. */
export function sketch(task: usize): i32 {
  return sketchRows(changetype<Task>(task));
}

/** Writes the Gram matrix of the block's rows and nothing else. */
export function blockGram(task: usize): void {
  writeBlockGram(changetype<Task>(task));
}

/** Packs the candidates for ranking; see `PackedItems`. */
export function packItems(
  items: usize,
  rank: usize,
  order: usize,
  itemCount: usize,
  packed: usize,
): void {
  pack(items, rank, order, itemCount, changetype<PackedItems>(packed));
}

/** Runs the ranking task at `task`; returns whether it came to its end. */
export function rankUsers(task: usize): bool {
  return rank(changetype<RankingTask>(task));
}

/** Runs the ranking task at `task` on what is kept at `kept`; returns whether it came to its end. */
export function rankScreened(task: usize, kept: usize): bool {
  return rankKept(changetype<RankingTask>(task), kept);
}

/** Packs some panels of an index; see `IndexedItems`. */
export function packPanels(items: usize, first: usize, end: usize, scratch: usize): void {
  packInPanels(changetype<IndexedItems>(items), first, end, scratch);
}

/** Bytes of scratch memory of one search for a list of `count`. */
export function searchScratch(items: usize, count: usize): f64 {
  return searchBytes(changetype<IndexedItems>(items), count);
}

/** Runs the searches, whose addresses are u32 at `searches`. */
export function searchItems(items: usize, searches: usize, searchCount: usize): void {
  search(changetype<IndexedItems>(items), searches, searchCount);
}
