/** Every kind of page on a phone, a tablet and a desk, light and dark: readable, reachable, light, and without an error. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { open, type Scheme, startBrowser, widths } from './browser.ts';

/** What a first visit may cost on the wire, in kB. */
const budgets: Readonly<Record<string, number>> = {
  '/': 200,
  '/getting-started': 150,
  '/train-your-own-model': 150,
  '/papers': 300,
  '/losses': 300,
  '/study': 200,
  '/api/': 150,
  '/api/losses': 150,
  '/api/losses/steps': 250,
  '/packages/losses': 150,
  '/notebooks/01-first-round': 250,
  '/notebooks/03-credits-and-values': 250,
  '/tab/': 100,
};

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds against WCAG 2.2 AA and its own good practice: contrast, names, headings, landmarks, sizes of targets. */
async function violations(page: Page): Promise<string[]> {
  // Evaluated, as a page's policy may forbid scripts of others.
  await page.evaluate(axe);
  const found = (await page.evaluate(
    (values) =>
      (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run({ runOnly: { type: 'tag', values } }),
    standards,
  )) as AxeResults;
  return found.violations.flatMap(({ id, nodes }) =>
    nodes
      .slice(0, 5)
      .map(({ target, failureSummary = '' }) => `${id}: ${target.join(' ')}: ${failureSummary.split('\n')[1]?.trim()}`),
  );
}

describe.each(Object.entries(budgets))('%s', (address, kilobytes) => {
  const screens = widths.flatMap((width) => (['light', 'dark'] as Scheme[]).map((scheme) => ({ width, scheme })));
  test.each(screens)('$width wide, $scheme', async (screen) => {
    const { page, problems, bytes } = await open(browser, address, screen);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), 'scrolls sideways').toBeLessThanOrEqual(
      screen.width,
    );
    expect(bytes() / 1e3, 'kB of a first visit').toBeLessThan(kilobytes);
    expect(await violations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});
