import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sealedJson } from '../../../src/io/sealed-json.js';

/** Changes the manifest of a saved model, and its digest with it. */
export async function editManifest(
  folder: string,
  // biome-ignore lint/suspicious/noExplicitAny: a manifest is edited into what the type forbids
  edit: (manifest: any) => void,
): Promise<void> {
  const path = join(folder, 'manifest.json');
  const { sha256: _, ...manifest } = JSON.parse(await readFile(path, 'utf8'));
  edit(manifest);
  await writeFile(path, sealedJson(manifest));
}

/** Puts other bytes into the place of a data file, and their checksum into the manifest. */
export async function forgePart(folder: string, part: string, bytes: Uint8Array): Promise<void> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  let name = '';
  await editManifest(folder, ({ files }) => {
    name = files[part].name;
    files[part] = { name, bytes: bytes.length, sha256 };
  });
  await writeFile(join(folder, name), bytes);
}
