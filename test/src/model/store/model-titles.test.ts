import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ModelFileError } from '../../../../src/errors.js';
import type { WritableColumn } from '../../../../src/io/arrow/column.js';
import { loadModel } from '../../../../src/model/store/load-model.js';
import { writeModel } from '../../../../src/model/store/write-model.js';
import { editManifest, forgePart } from '../../../helpers/builders/forge-model.js';
import { smallModel } from '../../../helpers/builders/models.js';
import { scratchFolder } from '../../../helpers/builders/scratch-folder.js';
import { encodeArrow } from '../../../helpers/probes/arrow-bytes.js';

const titles = [
  [10, 'Green tea'],
  [30, 'Plum jam'],
] as const;

const failure = (code: ModelFileError['code']) => ({ instanceOf: ModelFileError, code });

async function saved(t: ExecutionContext): Promise<string> {
  const folder = await scratchFolder(t);
  await smallModel().withTitles(titles).save(folder);
  return folder;
}

const manifestOf = async (folder: string) =>
  JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));

for (const batchBytes of [undefined, 30]) {
  test(`titles come back as they were, in batches of ${batchBytes ?? 'any'} bytes`, async (t) => {
    const folder = await scratchFolder(t);
    const model = smallModel().withTitles([
      [10, '\u0000\u001b[2J"\r\n\u202e🍵 e\u0301\ufeff'],
      [20, 'x'.repeat(2 ** 20)],
      [40, ''],
    ]);

    const { bytes } = await writeModel(
      model,
      folder,
      batchBytes === undefined ? {} : { batchBytes },
    );
    const loaded = await loadModel(folder);
    await loaded.save(folder);
    const again = await loadModel(folder);

    t.true(bytes > 2 ** 20);
    t.deepEqual([...loaded.titles], [...model.titles]);
    t.deepEqual([...again.titles], [...model.titles]);
    t.deepEqual(loaded.recommend('a'), model.recommend('a'));
    t.is((await readdir(folder)).length, 5);
  });
}

test('titles of ids of any kind survive saving', async (t) => {
  const folder = await scratchFolder(t);
  const itemIds = ['10', 10, 2n ** 70n, 0.5];
  const model = smallModel({ itemIds }).withTitles(itemIds.map((id, at) => [id, `item ${at}`]));

  await model.save(folder);

  t.deepEqual([...(await loadModel(folder)).titles], [...model.titles]);
});

test('a model without titles has no file of titles and no mention of them', async (t) => {
  const folder = await saved(t);

  await smallModel().save(folder);

  const manifest = await manifestOf(folder);
  t.deepEqual(Object.keys(manifest), [
    ...['format', 'formatVersion', 'writtenBy', 'rank', 'users', 'items', 'ratings'],
    ...['globalMean', 'settings', 'files', 'sha256'],
  ]);
  t.is(manifest.formatVersion, 4);
  t.deepEqual(Object.keys(manifest.files), ['userFactors', 'itemFactors', 'ratings']);
  t.is((await readdir(folder)).length, 4);
  t.is((await loadModel(folder)).titles.size, 0);
});

test('a model folder without titles loads, and takes titles', async (t) => {
  const folder = await saved(t);
  const { files } = await manifestOf(folder);
  await rm(join(folder, files.titles.name));
  await editManifest(folder, (manifest) => {
    delete manifest.titles;
    delete manifest.files.titles;
  });

  const old = await loadModel(folder);
  await old.withTitles([[40, 'Cake']]).save(folder);

  t.is(old.titles.size, 0);
  t.deepEqual([...(await loadModel(folder)).titles], [[40, 'Cake']]);
});

const intsOf = (...items: number[]): WritableColumn => ({
  type: 'int32',
  values: Int32Array.from(items),
});
const textsOf = (...values: string[]): WritableColumn => ({ type: 'utf8', values });

/** Columns that `writeModel` would not write; the model has 4 items and 2 titles. */
const forged: readonly (readonly [what: string, columns: Record<string, WritableColumn>])[] = [
  ['a title of an unknown item', { item: intsOf(0, 4), title: textsOf('a', 'b') }],
  ['a title of item -1', { item: intsOf(-1, 1), title: textsOf('a', 'b') }],
  ['two titles of an item', { item: intsOf(2, 2), title: textsOf('a', 'b') }],
  ['titles whose items fall', { item: intsOf(2, 0), title: textsOf('a', 'b') }],
  ['titles that are numbers', { item: intsOf(0, 2), title: intsOf(1, 2) }],
  ['items that are text', { item: textsOf('10', '30'), title: textsOf('a', 'b') }],
  ['titles without items', { title: textsOf('a', 'b') }],
  ['items without titles', { item: intsOf(0, 2) }],
  ['fewer titles than were counted', { item: intsOf(0), title: textsOf('a') }],
  ['more titles than were counted', { item: intsOf(0, 1, 2), title: textsOf('a', 'b', 'c') }],
];
for (const [what, columns] of forged) {
  test(`${what}: an error`, async (t) => {
    const folder = await saved(t);
    await forgePart(folder, 'titles', await encodeArrow(columns));

    await t.throwsAsync(loadModel(folder), failure('ERR_MODEL_FORMAT'));
  });
}

test('titles that are not UTF-8, or cut a character, are an error', async (t) => {
  const whole = await encodeArrow({ item: intsOf(0, 2), title: textsOf('aé', 'bcd') });
  const at = whole.indexOf('aébcd');
  t.true(at > 0);
  const invalid = Buffer.from(whole);
  invalid[at] = 0xff;
  const cut = Buffer.from(whole);
  const ends = Buffer.from(Int32Array.of(0, 3, 6).buffer);
  cut.set(Buffer.from(Int32Array.of(0, 2, 6).buffer), whole.indexOf(ends));
  t.notDeepEqual(cut, whole);

  for (const [bytes, message] of [
    [invalid, /text that is not UTF-8/],
    [cut, /half a character/],
  ] as const) {
    const folder = await saved(t);
    await forgePart(folder, 'titles', bytes);

    await t.throwsAsync(loadModel(folder), { ...failure('ERR_MODEL_FORMAT'), message });
  }
});

// biome-ignore lint/suspicious/noExplicitAny: a manifest is edited into what the type forbids
const badManifests: readonly (readonly [what: string, edit: (manifest: any) => void])[] = [
  ['counts titles and names no file', ({ files }) => delete files.titles],
  ['names a file of titles and counts none', (manifest) => delete manifest.titles],
  ['counts -1 titles', ({ titles }) => Object.assign(titles, { count: -1 })],
  ['counts another number of titles', ({ titles }) => Object.assign(titles, { count: 3 })],
  ['counts titles in words', (manifest) => Object.assign(manifest, { titles: 'two' })],
  [
    'points out of its directory',
    ({ files }) => Object.assign(files.titles, { name: `../${files.titles.name}` }),
  ],
  [
    'names titles as no version did',
    ({ files }) => Object.assign(files.titles, { name: 'titles.0123456789abcdef.arrow' }),
  ],
];
for (const [what, edit] of badManifests) {
  test(`a manifest that ${what} is an error`, async (t) => {
    const folder = await saved(t);
    await editManifest(folder, edit);

    await t.throwsAsync(loadModel(folder), failure('ERR_MODEL_FORMAT'));
  });
}
