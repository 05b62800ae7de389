import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DefaultTheme, defineConfigWithTheme } from 'vitepress';
import { useMarkdown } from '../markdown.ts';
import { anchorOf } from '../pages.ts';
import { searchText } from '../search-text.ts';
import versions from '../versions.json' with { type: 'json' };

const pages = join(import.meta.dirname, '../.pages');
const api = JSON.parse(readFileSync(join(pages, 'api/sidebar.json'), 'utf8'));

/** A step with two outcomes. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#0d9488" stroke-width="4" stroke-linecap="round"><path d="M16 6v8L6 26M16 14l10 12"/></svg>',
)}`;

const start = [
  { text: 'Getting started', link: '/getting-started' },
  { text: 'From the command line', link: '/cli' },
  { text: 'Tasks', link: '/tasks' },
  { text: 'Train your own model', link: '/train-your-own-model' },
  { text: 'Train a verifier', link: '/train-a-verifier' },
  { text: 'Value models, SVPO, DQO', link: '/value-models' },
  { text: 'A judge for Python', link: '/judge-server' },
  { text: 'Search against your server', link: '/search-your-server' },
  { text: 'Real models', link: '/real-models' },
  { text: 'Which objective for which data', link: '/which-objective' },
  { text: 'Hyper-parameters', link: '/hyper-parameters' },
  { text: 'Reading the curves', link: '/reading-the-curves' },
  { text: 'Coming from TRL and torch', link: '/coming-from-trl' },
  { text: 'Memory and hardware', link: '/memory-and-hardware' },
  { text: 'Backends and speed', link: '/backends-and-speed' },
  { text: 'Reproducing and resuming', link: '/reproducing' },
  { text: 'When something fails', link: '/errors' },
];
const facts = [
  { text: 'What step values are worth', link: '/study' },
  { text: 'Losses, formula by formula', link: '/losses' },
  { text: 'Papers, equation by equation', link: '/papers' },
  { text: 'Files and rows', link: '/formats' },
  { text: 'Metrics', link: '/metrics' },
  { text: 'Renamed and moved', link: '/migration' },
  { text: 'What was tried', link: '/log' },
];
/** The pages of a folder, as they were built last. */
const listed = (folder: string) =>
  globSync(`${folder}/*.md`, { cwd: pages })
    .filter((path) => !path.endsWith('index.md'))
    .sort()
    .map((path) => ({
      text: /^# (.*)$/m.exec(readFileSync(join(pages, path), 'utf8'))?.[1] ?? path,
      link: `/${path.replace(/\.md$/, '')}`,
    }));

/** Which of versions.json this is. */
const version = versions.find(({ name }) => name === process.env.SVO_DOCS_VERSION) ?? versions[0]!;

export default defineConfigWithTheme<DefaultTheme.Config & { readonly version: string }>({
  base: version.path,
  title: 'SVO',
  description: 'Step-level value RL for language models, in TypeScript',
  head: [['link', { rel: 'icon', href: icon }]],
  srcDir: '.pages',
  outDir: `dist${version.path}`,
  cacheDir: 'node_modules/.cache/vitepress',
  cleanUrls: true,
  metaChunk: true,
  // A phone loads what is asked for, and not every page that a sidebar names.
  router: { prefetchLinks: false },
  vite: { build: { chunkSizeWarningLimit: 4000 } }, // the search index
  markdown: {
    anchor: { slugify: anchorOf },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: useMarkdown,
  },
  transformPageData: ({ relativePath, frontmatter }) =>
    /^(papers|formats|metrics)\.md$/.test(relativePath)
      ? { frontmatter: { ...frontmatter, aside: false, pageClass: 'wide' } }
      : undefined,
  themeConfig: {
    version: version.name,
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        _render: (src, env, md) => {
          const html = md.render(searchText(env.relativePath, src), env);
          return env.frontmatter?.search === false ? '' : html;
        },
      },
    },
    nav: [
      {
        text: 'Guide',
        link: '/getting-started',
        activeMatch:
          '^/(getting|cli|tasks|train|value|judge|search|real|which|hyper|reading|coming|memory|backends|repro|errors)',
      },
      { text: 'Losses', link: '/losses' },
      { text: 'Papers', link: '/papers' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
      { text: 'In a tab', link: '/tab/', target: '_self' },
      { component: 'VersionSwitch' },
    ],
    sidebar: {
      '/api/': api,
      '/': [
        { text: 'Guide', items: start },
        { text: 'Reference', items: [...facts, { text: 'API', link: '/api/' }] },
        { text: 'Notebooks', items: listed('notebooks') },
        { text: 'Packages', link: '/packages/', collapsed: true, items: listed('packages') },
        {
          text: 'Project',
          link: '/contributing',
          collapsed: true,
          items: listed('benchmarks'),
        },
      ],
    },
    docFooter: { prev: false, next: false },
  },
});
