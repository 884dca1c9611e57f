import { chromium, type Page } from 'playwright-core';
import { ensureTools } from '../../lab/tools/index.ts';

const TIMEOUT_MS = 30_000;

/** A page of a real browser, as large as the pictures in the documentation. */
export interface BrowserPage extends AsyncDisposable {
  readonly page: Page;
}

/** Opens a browser that reaches nothing but loopback: the Web UI asks its maker for news. */
export async function openBrowser(): Promise<BrowserPage> {
  const { 'chromium-headless-shell': executablePath } = await ensureTools(['chromium-headless-shell']);
  // Without its sandbox, since that one can't be had as root; all that it opens was started by the test.
  const args = ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'];
  const browser = await chromium.launch({ executablePath, chromiumSandbox: false, args });
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    timezoneId: 'UTC',
  });
  context.setDefaultTimeout(TIMEOUT_MS);
  return { page: await context.newPage(), [Symbol.asyncDispose]: () => browser.close() };
}
