import { join } from 'node:path';
import test from 'ava';
import { bytesOfRows } from '../../../src/kernels/lay-out-job.js';
import { traitsOf } from '../../../src/kernels/select/choose-kernel.js';
import { createModel } from '../../../src/model/create-model.js';
import { modelInFile } from '../../../src/model/model-in-file.js';
import { modelSettingsOf } from '../../../src/model/model-settings.js';
import { loadModel } from '../../../src/model/store/load-model.js';
import { writeModel } from '../../../src/model/store/write-model.js';
import { RowFile } from '../../../src/row-file.js';
import { factorSpans, layoutInFile, writableSpans } from '../../../src/training/factor-spans.js';
import { createJob, shapeOfJob } from '../../../src/training/job.js';
import type { JobOptions } from '../../../src/training/options.js';
import { settingsAsInPaper } from '../../helpers/builders/as-in-paper.js';
import { randomRatings } from '../../helpers/builders/jobs.js';
import { scratchFolder } from '../../helpers/builders/scratch-folder.js';

const generation = 3;

for (const [what, options] of Object.entries({
  'with biases and a mean': { feedback: 'explicit', biases: true, globalMean: true, alpha: 0 },
  'of factors alone': {},
} satisfies Record<string, JobOptions>)) {
  test(`a model ${what} is written from a file of rows as it is from memory`, async (t) => {
    const ratings = randomRatings({ users: 700, items: 90, density: 0.05 });
    const settings = settingsAsInPaper({ rank: 30, ...options });
    const input = { ratings, settings, kernel: traitsOf('wasm-simd128'), slots: 1 };
    const rowFile = new RowFile(bytesOfRows(shapeOfJob(input)));
    const job = createJob({ ...input, rowFile });
    for (const side of ['user', 'item'] as const) {
      for (const { elements } of writableSpans(job, side, generation)) {
        elements.forEach((_, at) => {
          elements[at] = at + 0.5;
        });
      }
    }
    const model = createModel({
      ...settings.row,
      ...{ ratings, settings: modelSettingsOf(settings), stride: job.layout.stride },
      globalMean: job.layout.weighting.offset,
      userFactors: factorSpans(job, 'user', generation),
      itemFactors: factorSpans(job, 'item', generation),
    });
    const folder = await scratchFolder(t);

    const stored = modelInFile({
      ...settings.row,
      ...{ ratings, settings: modelSettingsOf(settings), titles: undefined },
      ...{ layout: layoutInFile(job.layout)!, generation },
    });
    // Batches of some rows that are far apart, and one that ends within a side.
    for (const batchBytes of [900, 60_000]) {
      const directory = join(folder, `${batchBytes}`);
      await writeModel(stored, directory, { batchBytes });
      const loaded = await loadModel(directory);
      t.deepEqual(loaded.userFactors, model.userFactors);
      t.deepEqual(loaded.itemFactors, model.itemFactors);
      t.deepEqual(loaded.userBiases, model.userBiases);
      t.deepEqual(loaded.itemBiases, model.itemBiases);
      t.deepEqual(loaded.userIds, model.userIds);
      t.deepEqual(loaded.seen, model.seen);
      t.deepEqual(loaded.settings, model.settings);
      t.is(loaded.globalMean, model.globalMean);
    }
    job.release();
    rowFile.release();
  });
}
