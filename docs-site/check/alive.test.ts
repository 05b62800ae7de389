/** What moves: the home's solution, search, the versions. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import recorded from '../home/tree.json' with { type: 'json' };
import { open, startBrowser } from './browser.ts';
import { dist } from './site.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

const steps = '.solution-card .steps .step';
const textOf = (node: number): string => recorded.nodes[node]!.text;
const signed = (x: number): string => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(2)}`;

test('the home: a step says its value, its credit and its draws under the pointer, the focus and a finger', async () => {
  for (const width of [360, 1440]) {
    const { page, problems } = await open(browser, '/', { width, scheme: 'light' });
    expect(await page.locator(`${steps} code`).allTextContents()).toEqual(recorded.wrong.map(textOf));
    for (const [i, node] of recorded.wrong.entries()) {
      const { value, visits, parent } = recorded.nodes[node]!;
      const step = page.locator(steps).nth(i);
      if (width === 360) await step.tap();
      else if (i % 2 === 0) await step.hover();
      else await step.focus();
      const credit = value - recorded.nodes[parent]!.value;
      await expect
        .poll(() => page.locator('.solution-card dd').allTextContents())
        .toEqual([signed(value), signed(credit), `${visits} of ${recorded.nodes[0]!.visits}`]);
      expect(await step.getAttribute('aria-current')).toBe('step');
    }
    const pressed = () => page.locator('.choice [aria-pressed="true"]').allTextContents();
    expect(await pressed()).toEqual(['a wrong solution']);
    await page.getByRole('button', { name: 'a right one' }).click();
    expect(await pressed()).toEqual(['a right one']);
    expect(await page.locator(`${steps} code`).allTextContents()).toEqual(recorded.right.map(textOf));
    // Another branch: the step is taken, and what the model wrote after it follows.
    await page.locator(steps).first().focus();
    const other = page.locator('.solution-card .beside .step').first();
    const text = await other.locator('code').textContent();
    await other.click();
    await expect.poll(() => page.locator(`${steps} code`).first().textContent()).toBe(text);
    expect(problems).toEqual([]);
    await page.context().close();
  }
});

test('search finds an export, a guide and a flag, with nothing but this host, from an index that is light', async () => {
  const { page, problems, bytes } = await open(browser, '/getting-started', { width: 1440, scheme: 'dark' });
  page.setDefaultTimeout(60_000);
  const before = bytes();
  await page.keyboard.press('Control+k');
  const input = page.locator('.VPLocalSearchBox input');
  const result = (href: string) => page.locator(`.VPLocalSearchBox .result[href^="${href}"]`).first();
  for (const [words, href] of [
    ['train a verifier', '/train-a-verifier'],
    ['--dry-run', '/cli'],
    ['dvoLoss', '/api/losses/steps#dvoLoss'],
  ] as const) {
    await input.fill(words);
    await result(href).waitFor();
  }
  expect((bytes() - before) / 1e3).toBeLessThan(300);
  await result('/api/losses/steps#dvoLoss').click();
  await page.waitForURL(/\/api\/losses\/steps#dvoLoss$/);
  expect(problems).toEqual([]);
  await page.context().close();
});

test('versions: those that are there, and a change stays on the page', async () => {
  const isThere = existsSync(join(dist, 'next/index.html'));
  const { page, problems } = await open(browser, '/study', { width: 1440, scheme: 'light' });
  const versions = page.locator('.VPNavBar .versions select');
  await expect.poll(() => versions.locator('option').count()).toBe(isThere ? 2 : 1);
  if (isThere) {
    await versions.selectOption('next');
    await page.waitForURL(/\/next\/study$/);
    expect(await page.textContent('h1')).toContain('What step values are worth');
    await page.locator('.VPNavBar .versions select').selectOption('/');
    await page.waitForURL(/[^t]\/study$/);
  }
  expect(problems).toEqual([]);
  await page.context().close();
});
