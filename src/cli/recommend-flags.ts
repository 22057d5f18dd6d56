/** Values of the flags of `recommend`. */
export interface RecommendFlags {
  readonly user?: string;
  readonly all?: true;
  readonly output?: string;
  readonly threads?: number;
  readonly count: number;
  readonly titles?: string;
  readonly includeSeen?: true;
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  /** How many reasons an item; true without a number. */
  readonly explain?: number | true;
  readonly json?: true;
  readonly quiet?: true;
}
