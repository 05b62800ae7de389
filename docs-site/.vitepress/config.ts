import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { katex } from '@mdit/plugin-katex';
import { defineConfig } from 'vitepress';
import { anchorOf, pagesOf } from '../pages.ts';

const site = join(import.meta.dirname, '..');
const root = join(site, '..');
const api = JSON.parse(readFileSync(join(site, '.pages/api/sidebar.json'), 'utf8'));

const start = [
  { text: 'Getting started', link: '/getting-started' },
  { text: 'Train your own model', link: '/train-your-own-model' },
  { text: 'Search against your server', link: '/search-your-server' },
  { text: 'Which objective for which data', link: '/which-objective' },
  { text: 'Reading the curves', link: '/reading-the-curves' },
  { text: 'Coming from TRL and torch', link: '/coming-from-trl' },
  { text: 'Backends and speed', link: '/backends-and-speed' },
  { text: 'Reproducing and resuming', link: '/reproducing' },
  { text: 'When something fails', link: '/errors' },
];
const facts = [
  { text: 'Losses, formula by formula', link: '/losses' },
  { text: 'Papers, equation by equation', link: '/papers' },
  { text: 'Files and rows', link: '/formats' },
  { text: 'Metrics', link: '/metrics' },
  { text: 'What was tried', link: '/log' },
];
const listed = (folder: string, name: (path: string) => string) =>
  pagesOf(root)
    .map(({ target }) => target.replace(/\.md$/, ''))
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => ({ text: name(path.slice(folder.length + 1)), link: `/${path}` }));

export default defineConfig({
  title: 'SVO',
  description: 'Step-level value RL for language models, in TypeScript',
  srcDir: '.pages',
  outDir: 'dist',
  cacheDir: 'node_modules/.cache/vitepress',
  cleanUrls: true,
  lastUpdated: false,
  markdown: {
    anchor: { slugify: anchorOf },
    theme: { light: 'github-light', dark: 'github-dark' },
    config: (md) => {
      md.use(katex, {
        throwOnError: true,
        strict: 'error',
        transformer: (html) => html.replace('<span class="katex', '<span v-pre class="katex'),
      });
    },
  },
  transformPageData: ({ relativePath, frontmatter }) =>
    /^(papers|formats|metrics)\.md$/.test(relativePath)
      ? { frontmatter: { ...frontmatter, aside: false, pageClass: 'wide' } }
      : undefined,
  themeConfig: {
    outline: [2, 3],
    search: { provider: 'local' },
    nav: [
      {
        text: 'Guide',
        link: '/getting-started',
        activeMatch: '^/(getting|train|search|which|reading|coming|backends|repro|errors)',
      },
      { text: 'Losses', link: '/losses' },
      { text: 'Papers', link: '/papers' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
    ],
    sidebar: {
      '/api/': api,
      '/': [
        { text: 'Guide', items: start },
        { text: 'Reference', items: [...facts, { text: 'API', link: '/api/' }] },
        { text: 'Notebooks', items: listed('notebooks', (name) => name.replace(/^\d+-/, '').replaceAll('-', ' ')) },
        { text: 'Packages', collapsed: true, items: listed('packages', (name) => `@svo/${name}`) },
        {
          text: 'Project',
          collapsed: true,
          items: [
            ...listed('benchmarks', (name) => `Benchmark: ${name}`),
            { text: 'Contributing', link: '/contributing' },
          ],
        },
      ],
    },
    docFooter: { prev: false, next: false },
  },
});
