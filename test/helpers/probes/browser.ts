import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);

/** A test that needs Chromium and the built page; it shows as skipped where one is missing. */
export const browserTest =
  found !== undefined && existsSync('build/watch-page/index.html') ? test.serial : test.serial.skip;

/** Where tests leave pictures to look at. */
const pictures = 'build/test-output/watch-page';

let browser: Promise<Browser> | undefined;

/** A page of a browser that the tests of a file share; its errors fail the test. */
export async function openPage(
  t: ExecutionContext,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  browser ??= chromium.launch({ executablePath: found!, args: ['--no-sandbox'] });
  const context = await (await browser).newContext({
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  t.teardown(() => context.close());
  const page = await context.newPage();
  page.on('pageerror', (error) => t.fail(error.message));
  page.on('console', (message) => {
    // A lost connection is part of some tests.
    if (message.type() === 'error' && !message.text().includes('ERR_')) t.fail(message.text());
  });
  await page.goto(url);
  return page;
}

/** Ends the browser; for `test.after.always`. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
}

/** Leaves a picture of all of the page. */
export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(pictures, { recursive: true });
  await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
}
