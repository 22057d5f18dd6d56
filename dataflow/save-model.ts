import {
  concatMap,
  defer,
  endWith,
  from,
  ignoreElements,
  map,
  type Observable,
  of,
  takeUntil,
} from 'rxjs';
import { aPath, checkValue } from '../src/check-options.js';
import { InvalidOptionError } from '../src/errors.js';
import { FactorModel } from '../src/model/factor-model.js';
import { checkWritable } from '../src/model/store/check-writable.js';
import { writeModel } from '../src/model/store/write-model.js';
import type { EvaluationEvent } from './evaluate.js';
import type { Stage } from './stage.js';
import { storableModelOf } from './training/end-in-file.js';
import type { TrainingEvent } from './training/training-event.js';

/** A finished model is on disk. */
export interface SavedEvent {
  readonly type: 'saved';
  /** The directory, absolute. */
  readonly path: string;
  /** Of the data files. */
  readonly bytes: number;
}

/**
 * Saves the model of `finished` into a directory, and adds a `saved` event before it; see the
 * model's `save`. When several runs finish, each model replaces the one before.
 *
 *     events             --s-p-p-i-f|
 *     saveModel('dir')   --s-p-p-i---(sf)|      saved, finished
 *
 * The path is checked as soon as the run begins, by writing there: if something other than a model
 * lies there, or the operating system refuses, the stream ends with `ModelFileError` before the
 * work is done, not after. Put it before `evaluate`, and no failure of an evaluation loses the
 * model:
 *
 *     ratings$.pipe(holdout(), train(), saveModel('model'), evaluate())
 *
 * Errors of the source pass through, and an error of the disk is one of the stream. Completes when
 * the source has and the last model is saved. Unsubscribing stops the source; a save that has begun
 * is completed, because a model is saved as a whole or not at all.
 *
 * @param path a directory, which is made if it is not there
 */
export function saveModel<
  Event extends { readonly type: string } = TrainingEvent | EvaluationEvent,
>(path: string): Stage<'saveModel', Event, Event | SavedEvent> {
  checkValue('path', path, aPath('a directory'));
  return (events: Observable<Event>) =>
    defer(() => {
      const checked = checkWritable(path);
      return events.pipe(
        takeUntil(from(checked).pipe(ignoreElements())),
        // The check removes the folders it made, so a save that outruns it waits.
        concatMap((event) => (event.type === 'finished' ? saved(event, path, checked) : of(event))),
      );
    });
}

/** Bytes of a model that are read to be written at once, where it is not in memory. */
const readBatchBytes = 2 ** 24;

function saved<Event extends { readonly type: string }>(
  finished: Event,
  path: string,
  checked: Promise<void>,
): Observable<Event | SavedEvent> {
  return defer(async () => {
    const stored = storableModelOf(finished);
    if (stored !== undefined) {
      await checked;
      return writeModel(stored, path, { batchBytes: readBatchBytes });
    }
    if (!('model' in finished && finished.model instanceof FactorModel)) {
      throw new InvalidOptionError(
        'saveModel',
        'found no model in finished; expected one; after a search over several folds, train once ' +
          'more with the best options',
      );
    }
    await checked;
    return writeModel(finished.model, path);
  }).pipe(
    map(({ directory, bytes }) => ({ type: 'saved', path: directory, bytes }) as const),
    endWith(finished),
  );
}
