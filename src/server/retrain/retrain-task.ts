/** What a training gets; it crosses the border of a process as JSON. */
export interface RetrainTask {
  /** Path of the model whose options are used, and that is replaced. */
  readonly model: string;
  readonly log: string | undefined;
  /** Files of ratings, or modules whose default export gives them. */
  readonly from: readonly string[];
}

/** How it ended. */
export type RetrainReport =
  | {
      readonly type: 'trained';
      readonly ratings: number;
      /** Of the log. */
      readonly interactions: number;
      readonly seconds: number;
    }
  | { readonly type: 'failed'; readonly message: string };
