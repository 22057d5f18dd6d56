/** A file to read. */
export interface InputFile {
  readonly path: string;
  /** What messages call it. */
  readonly name: string;
}
