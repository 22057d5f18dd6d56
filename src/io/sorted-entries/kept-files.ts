import { makeSpillFolder, type SpillFolder } from '../spill-folder.js';
import { SpillFile } from './spill-file.js';

/** Files of objects that nothing uses any more go. */
const unused = new FinalizationRegistry<KeptFiles>((files) => void files.remove());

/**
 * Files in a private folder that live as long as their owner: they go once it is garbage, or with the
 * process. The folder is made for the first bytes that do not fit memory.
 */
export class KeptFiles {
  #folder: Promise<SpillFolder> | undefined;
  readonly #files: SpillFile[] = [];

  /** @param owner must not be reachable from the files */
  static of(owner: object): KeptFiles {
    const files = new KeptFiles();
    unused.register(owner, files);
    return files;
  }

  file(name: string): SpillFile {
    const file = new SpillFile(name, async () => {
      this.#folder ??= makeSpillFolder();
      return (await this.#folder).path;
    });
    this.#files.push(file);
    return file;
  }

  async remove(): Promise<void> {
    for (const file of this.#files) await file.remove();
    await (await this.#folder)?.remove();
  }
}
