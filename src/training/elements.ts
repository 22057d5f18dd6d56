/** Elements of a table: an array, or what is read when it is asked for, for tables that fit no memory. */
export interface Elements<
  Values extends Float32Array | Float64Array | Uint32Array =
    | Float32Array
    | Float64Array
    | Uint32Array,
> {
  readonly length: number;
  readonly BYTES_PER_ELEMENT: number;
  /** Elements `start` to `end`, exclusive, both 0 … length: a view of an array, else a copy. */
  subarray(start: number, end: number): Values;
}
