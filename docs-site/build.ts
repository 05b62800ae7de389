/** Builds the site: pages from the repository's Markdown and notebooks, the API from docstrings, then VitePress. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, serve } from 'vitepress';
import { buildTab } from '../examples/tab/build.ts';
import { apiOf } from './api/pages.ts';
import { withFigures } from './figures.ts';
import { notebookPage } from './notebook.ts';
import { packagesPage, pagesOf, sourcePage, withApiLinks, withSiteLinks } from './pages.ts';
import versions from './versions.json' with { type: 'json' };

const here = import.meta.dirname;
const root = join(here, '..');
const folder = join(here, '.pages');

/** Today's version lies at the root; `SVO_DOCS_VERSION=next` builds the coming one beside it. */
const name = process.env.SVO_DOCS_VERSION ?? versions[0]!.name;
const version = versions.find((one) => one.name === name);
if (version === undefined)
  throw new Error(`SVO_DOCS_VERSION is '${name}'; versions.json has ${versions.map((one) => one.name).join(', ')}`);

const write = (target: string, text: string): void => {
  mkdirSync(dirname(join(folder, target)), { recursive: true });
  writeFileSync(join(folder, target), text);
};

rmSync(folder, { recursive: true, force: true });
const api = await apiOf(root);
for (const [target, markdown] of api.pages) write(target, markdown);
write('api/sidebar.json', JSON.stringify(api.sidebar));
write('index.md', readFileSync(join(here, 'home/home.md'), 'utf8'));
write('packages/index.md', packagesPage(root));

const pages = pagesOf(root);
const showSource = (path: string): string => {
  const target = `source/${path}.md`;
  write(target, sourcePage(root, path));
  return target;
};
for (const page of pages) {
  const text = readFileSync(join(root, page.source), 'utf8');
  const markdown = page.source.endsWith('.ipynb') ? notebookPage(text) : withFigures(root, text);
  write(page.target, withApiLinks(withSiteLinks(root, page, markdown, pages, showSource), api.links));
}

// Plots lie beside the page that shows them.
cpSync(join(root, 'docs/study'), join(folder, 'study'), { recursive: true });

await build(here);
await buildTab(join(here, `dist${version.path}tab`));
// Of the versions that are told of, those that are there.
const there = versions.filter(({ path }) => existsSync(join(here, `dist${path}index.html`)));
writeFileSync(join(here, 'dist/versions.json'), `${JSON.stringify(there)}\n`);
console.log('The site is in docs-site/dist; `npm run docs -- --preview` serves it.');
if (process.argv.includes('--preview')) {
  await serve({ root: here, port: 4173 });
  console.log('http://localhost:4173');
}
