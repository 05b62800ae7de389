/** Pages of the site in Chromium, as people see them, and what went wrong on them. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';

export type Scheme = 'light' | 'dark';

/** Someone's screen. */
export interface Screen {
  readonly width: number;
  readonly scheme: Scheme;
}

/** A phone, a tablet and a desk. */
export const widths = [390, 768, 1280] as const;

export interface Opened {
  readonly page: Page;
  /** Errors of the page, what could not be loaded, and what was asked of another host. */
  readonly problems: readonly string[];
  /** Bytes on the wire so far. */
  readonly bytes: () => number;
}

/** Chromium where Linux distributions have it. */
export async function startBrowser(): Promise<Browser> {
  const path = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((one) =>
    existsSync(one),
  );
  if (path === undefined) throw new Error('the checks of the site need Chromium: apt-get install chromium');
  return chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
}

/** Opens an address of the site with nothing in the cache. */
export async function open(browser: Browser, address: string, { width, scheme }: Screen): Promise<Opened> {
  const site = inject('site');
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 740 : 900 },
    colorScheme: scheme,
    hasTouch: width < 500,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(0);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(site)) problems.push(`asks ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
  let received = 0;
  const wire = await context.newCDPSession(page);
  await wire.send('Network.enable');
  wire.on('Network.loadingFinished', ({ encodedDataLength }) => {
    received += encodedDataLength;
  });
  await page.goto(site + address, { waitUntil: 'networkidle' });
  // A page is as it will be when it has come alive and its letters are there.
  await page.waitForFunction(() =>
    [...document.querySelectorAll<HTMLElement>('.VPSwitchAppearance')].every(({ title }) => title !== ''),
  );
  await page.evaluate(() => document.fonts.ready.then(() => new Promise(requestAnimationFrame)));
  return { page, problems, bytes: () => received };
}
