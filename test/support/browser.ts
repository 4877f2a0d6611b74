import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../tools/services/binaries.ts';

const ARGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
  // Nothing but the service under test is ever looked up or called.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

export interface OpenPage {
  page: Page;
  /** What went wrong behind the page: what its content security policy stopped, what it threw, what did not load. */
  troubles: string[];
  close(): Promise<void>;
}

/** A page of Chromium with a profile of its own. */
export async function openPage(options: BrowserContextOptions = {}): Promise<OpenPage> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('there is no Chromium on this machine');
  const browser = await chromium.launch({ executablePath, headless: true, args: ARGS });
  const page = await browser.newPage(options);
  page.setDefaultTimeout(20_000);
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(`thrown: ${error.message}`));
  page.on('console', (line) => {
    if (line.type() === 'error') troubles.push(`console: ${line.text()}`);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // A page cancels its own requests when it moves on.
    if (reason !== 'net::ERR_ABORTED') troubles.push(`not loaded: ${request.url()} ${reason}`);
  });
  return { page, troubles, close: () => browser.close() };
}
