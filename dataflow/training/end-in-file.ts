import type { FactorModel } from '../../src/model/factor-model.js';
import type { StorableModel } from '../../src/model/store/write-model.js';
import type { RowFile } from '../../src/row-file.js';
import type { FinishedEvent } from './training-event.js';

/** A model whose rows lie in a file. */
export interface ModelInFile {
  readonly rowFile: RowFile;
  /** Reads it into memory. */
  load(): FactorModel;
  /** What is written of it, read while it is written. */
  storable(): StorableModel;
}

const models = new WeakMap<object, () => StorableModel>();
const files = new FinalizationRegistry<RowFile>((rowFile) => rowFile.release());

/**
 * The end of a run whose model lies in a file: `model` reads it when it is first asked for. The file stays
 * until then, or until nothing refers to the event.
 */
export function endInFile(
  end: Omit<FinishedEvent, 'model'>,
  { rowFile, load, storable }: ModelInFile,
): FinishedEvent {
  let model: FactorModel | undefined;
  const event: FinishedEvent = {
    ...end,
    get model() {
      if (model === undefined) {
        model = load();
        models.delete(event);
        files.unregister(event);
        rowFile.release();
      }
      return model;
    },
  };
  rowFile.hold();
  models.set(event, storable);
  files.register(event, rowFile, event);
  return event;
}

/** What can be written of an event's model that has not been read into memory; undefined for others. */
export function storableModelOf(event: object): StorableModel | undefined {
  return models.get(event)?.();
}
