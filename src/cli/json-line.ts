import type { EvaluationEvent } from '../../dataflow/evaluate.js';
import type { SavedEvent } from '../../dataflow/save-model.js';
import type { TrainingEvent } from '../../dataflow/training/training-event.js';
import { escapeControls } from './escape-controls.js';

/**
 * A value as one line of JSON. NaN and infinities become null, bigints strings; functions are left
 * out. Control characters are escaped, also those that JSON allows in strings.
 */
export function jsonLine(value: object): string {
  const text = JSON.stringify(value, (_key, part) =>
    typeof part === 'bigint' ? String(part) : part,
  );
  return `${escapeControls(text)}\n`;
}

/** What `--json` prints of an event: all of it but the model and the ratings themselves. */
export function plainEvent(event: TrainingEvent | EvaluationEvent | SavedEvent): object {
  if (event.type !== 'finished') return event;
  const { type, iterations, seconds } = event;
  return { type, iterations, seconds };
}
