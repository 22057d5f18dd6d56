import { loadModel } from '../model/store/load-model.js';
import { counted } from './figures.js';
import { jsonLine } from './json-line.js';
import { proseColumns, wrapText } from './wrap-text.js';

/** Runs `seesaw import`. */
export async function runImport(
  path: string,
  { output, json }: { readonly output: string; readonly json?: true },
): Promise<void> {
  const model = await loadModel(path);
  await model.save(output);
  const { rank, userIds, itemIds } = model;
  if (json) {
    process.stdout.write(
      jsonLine({ path: output, rank, users: userIds.length, items: itemIds.length }),
    );
    return;
  }
  const text =
    `imported ${counted(userIds.length, 'user')} and ${counted(itemIds.length, 'item')} of rank ${rank} into ${output}` +
    (model.hasSeen ? '' : '; it holds no ratings: lists leave nothing out as seen');
  process.stdout.write(`${wrapText(text, { columns: proseColumns(process.stdout), indent: 2 })}\n`);
}
