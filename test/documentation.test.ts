/** What the documentation claims of itself: links lead somewhere, formulas parse, every export says what it is. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import katex from 'katex';
import { describe, expect, test } from 'vitest';
import { formulasOf } from '../docs-site/api/formulas.ts';
import { withFigures } from '../docs-site/figures.ts';
import { anchorsOf, linkedFile, linksOf, pagesOf } from '../docs-site/pages.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const pages = pagesOf(root);
const markdown = pages.filter(({ source }) => source.endsWith('.md'));

describe.each(markdown.map(({ source }) => source))('%s', (source) => {
  test('its links lead to files and headings that are there', () => {
    const broken = linksOf(read(source)).filter(({ href }) => {
      const file = linkedFile(root, source, href);
      const anchor = href.split('#')[1];
      return !existsSync(join(root, file)) || (anchor !== undefined && !anchorsOf(read(file)).includes(anchor));
    });
    expect(broken.map(({ href }) => href)).toEqual([]);
  });

  test('its tables find their figures in benchmarks/results', () => {
    expect(withFigures(root, read(source))).not.toMatch(/^<!-- table:/m);
  });

  test('its formulas parse', () => {
    for (const tex of formulasOf(read(source)))
      expect(
        () => katex.renderToString(tex, { strict: 'error', throwOnError: true, displayMode: true }),
        tex,
      ).not.toThrow();
  });
});

test('links of the home page, the bar and the sidebar lead to pages', () => {
  const inConfig = [...read('docs-site/.vitepress/config.ts').matchAll(/\blink: '(\/[^']*)'/g)].map(
    ([, link]) => link!,
  );
  const home = linksOf(read('docs-site/home/home.md')).map(({ href }) => href);
  expect(inConfig.length).toBeGreaterThan(20);
  expect(home.length).toBeGreaterThan(8);
  const own = ['/api/', '/packages/', '/tab/'];
  const there = new Set([...own, ...pages.map(({ target }) => `/${target.replace(/\.md$/, '')}`)]);
  expect([...inConfig, ...home].filter((link) => !there.has(link))).toEqual([]);
});

test('the site tells of the version that the packages have', () => {
  const { version } = JSON.parse(read('packages/losses/package.json'));
  expect(JSON.parse(read('docs-site/versions.json'))[0]).toEqual({ name: version, path: '/' });
});

test('every page of docs/ is in the sidebar', () => {
  const config = read('docs-site/.vitepress/config.ts');
  const pagesOfDocs = pages
    .filter(({ source }) => source.startsWith('docs/'))
    .map(({ target }) => `/${target.slice(0, -3)}`);
  expect(pagesOfDocs.filter((link) => !config.includes(`'${link}'`))).toEqual([]);
});

describe.each(globSync('packages/*/src/{index.ts,*/index.ts}', { cwd: root }).sort())('%s', (index) => {
  test('every export has a docstring', () => {
    const bare = [...read(index).matchAll(/^export (?:type )?\{([^}]*)\} from '(\.[^']+)'/gm)].flatMap(
      ([, names, from]) => {
        const source = read(join(dirname(index), from!));
        return names!
          .split(',')
          .map((name) => name.trim().replace(/^type | as .*/g, ''))
          .filter((name) => name !== '' && !hasDocstring(source, name));
      },
    );
    expect(bare).toEqual([]);
  });
});

const hasDocstring = (source: string, name: string): boolean =>
  new RegExp(String.raw`\*/\s*export\s+(?:async\s+)?(?:function\*?|const|class|interface|type)\s+${name}\b`).test(
    source,
  ) || new RegExp(String.raw`\*/\s*export (?:type )?\{[^}]*\b${name}\b`).test(source);
