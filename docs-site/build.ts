/** Builds the site: pages from the repository's Markdown and notebooks, the API from docstrings, then VitePress. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, serve } from 'vitepress';
import { buildTab } from '../examples/tab/build.ts';
import { placesOf, writeApi } from './api.ts';
import { withFigures } from './figures.ts';
import { notebookPage } from './notebook.ts';
import { pagesOf, sourcePage, withApiLinks, withSiteLinks } from './pages.ts';

const here = import.meta.dirname;
const root = join(here, '..');
const folder = join(here, '.pages');

const write = (target: string, text: string): void => {
  mkdirSync(dirname(join(folder, target)), { recursive: true });
  writeFileSync(join(folder, target), text);
};

rmSync(folder, { recursive: true, force: true });
const sidebars = await writeApi(root, join(folder, 'api'));
write('api/sidebars.json', JSON.stringify(sidebars));
// JSON is YAML: the home page is front matter alone.
write('index.md', `---\n${readFileSync(join(here, 'home.json'), 'utf8')}---\n`);

const pages = pagesOf(root);
const places = placesOf(sidebars);
const showSource = (path: string): string => {
  const target = `source/${path}.md`;
  write(target, sourcePage(root, path));
  return target;
};
for (const page of pages) {
  const text = readFileSync(join(root, page.source), 'utf8');
  const markdown = page.source.endsWith('.ipynb') ? notebookPage(text) : withFigures(root, text);
  write(page.target, withApiLinks(withSiteLinks(root, page, markdown, pages, showSource), places));
}

// Plots lie beside the page that shows them.
cpSync(join(root, 'docs/study'), join(folder, 'study'), { recursive: true });

await build(here);
await buildTab(join(here, 'dist/tab'));
console.log('The site is in docs-site/dist; `npm run docs -- --preview` serves it.');
if (process.argv.includes('--preview')) {
  await serve({ root: here, port: 4173 });
  console.log('http://localhost:4173');
}
