/** Every address the built pages name: that it is there, and the heading in it too. */
import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { dist, fileOf } from './site.ts';

const pages = globSync('**/*.html', { cwd: dist }).filter((page) => !/(^|\/)404\.html$/.test(page));
const read = (page: string): string => readFileSync(join(dist, page), 'utf8');
const idsOf = (html: string): Set<string> =>
  new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => decoded(id!)));
const decoded = (text: string): string => text.replaceAll('&amp;', '&').replaceAll('&#39;', "'");

test('every link, script, style and picture of every page leads somewhere', () => {
  const texts = new Map(pages.map((page) => [page, read(page)]));
  const ids = new Map([...texts].map(([page, html]) => [page, idsOf(html)]));
  const broken: string[] = [];
  let links = 0;
  for (const [page, html] of texts) {
    // What a notebook shows in a frame is a document of its own.
    const own = html.replaceAll(/\ssrcdoc="[^"]*"/g, '').replaceAll(/<code[\s\S]*?<\/code>/g, '');
    for (const [, to] of own.matchAll(/\s(?:href|src)="([^"]+)"/g)) {
      if (/^[a-z]+:|^\/\//.test(to!)) continue;
      links++;
      const { pathname, hash } = new URL(decoded(to!), `http://site/${page.replace(/(^|\/)index\.html$/, '$1')}`);
      const file = fileOf(pathname);
      const target = file && relative(dist, file);
      const anchor = decodeURIComponent(hash.slice(1));
      const isThere = target !== undefined && (anchor === '' || ids.get(target)?.has(anchor) !== false);
      if (!isThere) broken.push(`${page}: ${to}`);
    }
  }
  expect(links).toBeGreaterThan(5000);
  expect(broken).toEqual([]);
});

test('no page is a second one’s copy, and each has a title and one heading above all', () => {
  const faults = pages.flatMap((page) => {
    const html = read(page);
    const tops = html.match(/<h1[\s>]/g)?.length ?? 0;
    return [
      ...(tops === 1 ? [] : [`${page}: ${tops} headings of the first level`]),
      ...(/<title>[^<]+<\/title>/.test(html) ? [] : [`${page}: no title`]),
    ];
  });
  expect(faults).toEqual([]);
});
