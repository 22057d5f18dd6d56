/** What a model can be exported to. */
export const exportFormats = [
  'parquet',
  'arrow',
  'npy',
  'npz',
  'safetensors',
  'csv',
  'pgvector',
  'spark',
] as const satisfies readonly ExportFormat[];

/** What a model can be written as; docs/exports.md says what each holds. */
export type ExportFormat =
  | 'parquet'
  | 'arrow'
  | 'npy'
  | 'npz'
  | 'safetensors'
  | 'csv'
  | 'pgvector'
  | 'spark';
