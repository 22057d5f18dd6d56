import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';

const pages = ['.', 'docs', 'examples', 'benchmarks'].flatMap((folder) =>
  readdirSync(folder, { recursive: folder !== '.', encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file)),
);

for (const page of pages) {
  test(`every link of ${page} leads somewhere`, (t) => {
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)]+)\)/g)].map(
      ([, link]) => link!,
    );

    t.deepEqual(
      links.filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(page, link)),
      [],
    );
  });
}

test('the list of documentation names every page', (t) => {
  const list = readFileSync('docs/README.md', 'utf8');

  const listed = [...list.matchAll(/^\| \[(.+?)\]\(\1\) \|/gm)].map(([, name]) => name);

  const inFolder = readdirSync('docs').filter(
    (file) => file.endsWith('.md') && file !== 'README.md',
  );
  t.deepEqual(listed.sort(), inFolder.sort());
});

/** Whether a relative link names a file, and one of its headings if it names one. */
function leadsSomewhere(page: string, link: string): boolean {
  const [file, heading] = link.split('#');
  const target = file === '' ? page : join(dirname(page), file!);
  return existsSync(target) && (heading === undefined || headingsOf(target).includes(heading));
}

/** The headings of a page as links name them. */
function headingsOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}
