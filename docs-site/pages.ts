/** Which file of the repository becomes which page of the site, and where its links then lead. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, posix } from 'node:path';

/** A page: the file it is made from and its place on the site, both with forward slashes. */
export interface Page {
  readonly source: string;
  readonly target: string;
}

const rules: readonly (readonly [pattern: string, target: (path: string) => string])[] = [
  ['README.md', () => 'getting-started.md'],
  ['CONTRIBUTING.md', () => 'contributing.md'],
  ['docs/*.md', (path) => posix.basename(path)],
  ['packages/*/README.md', (path) => `packages/${path.split('/')[1]}.md`],
  ['benchmarks/*/README.md', (path) => `benchmarks/${path.split('/')[1]}.md`],
  ['examples/tab/README.md', () => 'in-a-tab.md'],
  ['examples/notebooks/*.ipynb', (path) => `notebooks/${posix.basename(path, '.ipynb')}.md`],
];

/** Every page that is written by hand somewhere in the repository. */
export const pagesOf = (root: string): Page[] =>
  rules.flatMap(([pattern, target]) =>
    globSync(pattern, { cwd: root })
      .map((path) => path.replaceAll('\\', '/'))
      .sort()
      .map((source) => ({ source, target: target(source) })),
  );

/** The list of the packages, by their READMEs' pages. */
export function packagesPage(root: string): string {
  const rows = globSync('packages/*/package.json', { cwd: root })
    .sort()
    .map((path) => {
      const { name, description } = JSON.parse(readFileSync(join(root, path), 'utf8'));
      return `| [\`${name}\`](./${path.split(/[\\/]/)[1]}.md) | ${description} |`;
    });
  return ['# Packages', '', '| package | what it is |', '| --- | --- |', ...rows, ''].join('\n');
}

/** A relative link of a Markdown text. */
export interface Link {
  readonly whole: string;
  readonly text: string;
  readonly href: string;
}

const linkPattern = /(?<!!)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)/g;

/** The links of a text that stay within the repository, fenced code left out. */
export const linksOf = (markdown: string): Link[] =>
  [...withoutFences(markdown).matchAll(linkPattern)]
    .map(([whole, text, href]) => ({ whole: whole!, text: text!, href: href! }))
    .filter(({ href }) => !/^[a-z]+:/.test(href));

/** The file a link of `source` leads to; a folder leads to its README, if it has one. */
export function linkedFile(root: string, source: string, href: string): string {
  const [path = ''] = href.split('#');
  const file =
    path === ''
      ? source
      : normalize(join(dirname(source), path))
          .replaceAll('\\', '/')
          .replace(/\/$/, '');
  const readme = posix.join(file, 'README.md');
  return existsSync(join(root, readme)) && statSync(join(root, file)).isDirectory() ? readme : file;
}

/**
 * The text with links as the site has them: to the page of a file, to a page that shows the source file, or, for a folder, none.
 *
 * @param showSource - told which files need a page that shows them; gives the page's place
 */
export function withSiteLinks(
  root: string,
  { source, target }: Page,
  markdown: string,
  pages: readonly Page[],
  showSource: (path: string) => string,
): string {
  let text = markdown;
  for (const { whole, text: label, href } of linksOf(markdown)) {
    const file = linkedFile(root, source, href);
    const isFolder = existsSync(join(root, file)) && statSync(join(root, file)).isDirectory();
    const page = isFolder ? undefined : (pages.find((one) => one.source === file)?.target ?? showSource(file));
    const anchor = href.includes('#') ? `#${href.split('#')[1]}` : '';
    const to = page && posix.relative(posix.dirname(target), page);
    text = text.replaceAll(whole, to === undefined ? label : `[${label}](./${to}${anchor})`);
  }
  return text;
}

/**
 * The text with every `name` in code that is an export leading to its API page; headings, links and fenced code stay as they are.
 *
 * @param places - the API page of each name that only one module exports
 */
export const withApiLinks = (markdown: string, places: ReadonlyMap<string, string>): string => {
  let fence = '';
  return markdown
    .split('\n')
    .map((line) => {
      const mark = /^\s*(```+|~~~+)/.exec(line)?.[1] ?? '';
      if (mark !== '' && (fence === '' || mark.startsWith(fence))) fence = fence === '' ? mark : '';
      if (fence !== '' || mark !== '' || line.startsWith('#')) return line;
      return line.replaceAll(/(?<![[\w`])`(\w+)`(?![\]`])/g, (code, name: string) =>
        places.has(name) ? `[${code}](${places.get(name)})` : code,
      );
    })
    .join('\n');
};

/** Anchors as GitHub makes them, so that a link works there and on the site. */
export const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

/** The anchors of a text's headings. */
export const anchorsOf = (markdown: string): string[] =>
  [...withoutFences(markdown).matchAll(/^#{1,6}\s+(.+?)\s*$/gm)].map(([, heading]) => anchorOf(heading!));

/** The name of a language by a file's ending, for highlighting. */
export const languageOf = (path: string): string => posix.extname(path).slice(1) || 'text';

/** A page that shows a file of the repository. */
export const sourcePage = (root: string, path: string): string =>
  `---\nsearch: false\n---\n\n# ${posix.basename(path)}\n\n\`${path}\`\n\n~~~~${languageOf(path)}\n${readFileSync(join(root, path), 'utf8')}\n~~~~\n`;

const withoutFences = (markdown: string): string => markdown.replace(/^(```+|~~~+)[\s\S]*?^\1/gm, '');
