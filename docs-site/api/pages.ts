/** The API reference: a page a chapter from the docstrings, with the loss's formula where docs/losses.md has one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Chapter, chaptersOf, linksByName, placesOf } from './chapters.ts';
import { docstringsOf } from './docstrings.ts';
import { type Entry, entriesOf } from './entries.ts';
import { type FormulaSection, formulaSections } from './formulas.ts';
import { type Place, sectionOf, summaryOf } from './section.ts';

/** An entry of a sidebar. */
export interface SidebarItem {
  readonly text: string;
  readonly link: string;
  readonly collapsed?: boolean;
  readonly items?: readonly SidebarItem[];
}

/** The reference, ready to be written. */
export interface Api {
  /** Markdown by its place, such as `api/losses/steps.md`. */
  readonly pages: ReadonlyMap<string, string>;
  readonly sidebar: readonly SidebarItem[];
  /** The link of each name that only one module exports. */
  readonly links: ReadonlyMap<string, string>;
}

/** Reads every package. Throws when an export has no docstring or a link leads nowhere. */
export async function apiOf(root: string): Promise<Api> {
  const entries = entriesOf(root);
  const chapters = chaptersOf(await docstringsOf(root, entries));
  const formulas = formulaSections(readFileSync(join(root, 'docs/losses.md'), 'utf8'));
  const places = placesOf(chapters);
  const byModule = Map.groupBy(chapters, ({ module }) => module);
  const inChapters = chapters.filter(({ title }) => title !== '');
  const pages = new Map([
    ['api/index.md', contents(entries)],
    ...entries.map((entry) => {
      const own = byModule.get(entry.name)!;
      const alone = own.find(({ title }) => title === '');
      const body = alone === undefined ? own.map(list) : [list(alone), ...sections(alone, places, formulas)];
      return [`api/${entry.name}.md`, page(`@svo/${entry.name}`, [lead(entry), ...body])] as const;
    }),
    ...inChapters.map(
      (one) =>
        [
          `${one.page.slice(1)}.md`,
          page(`${one.title}: @svo/${one.module}`, [list({ ...one, title: '' }), ...sections(one, places, formulas)]),
        ] as const,
    ),
  ]);
  const sidebar = entries.map(({ name }) => {
    const items = byModule
      .get(name)!
      .filter(({ title }) => title !== '')
      .map(({ title, page: link }) => ({ text: title, link }));
    return { text: `@svo/${name}`, link: `/api/${name}`, ...(items.length > 0 ? { collapsed: true, items } : {}) };
  });
  return { pages, sidebar: [{ text: 'API', link: '/api/', items: sidebar }], links: linksByName(chapters) };
}

const page = (title: string, parts: readonly string[]): string =>
  ['---\noutline: 2\npageClass: api\n---', `# ${title}`, ...parts, ''].join('\n\n');

const lead = ({ name, description }: Entry): string =>
  name.includes('/') ? description : `${description}. [What the package is for](/packages/${name})`;

const contents = (entries: readonly Entry[]): string => {
  const rows = entries.map(({ name, description }) => `| [\`@svo/${name}\`](${name}.md) | ${description} |`);
  return ['# API', '', '| import | what it is |', '| --- | --- |', ...rows, ''].join('\n');
};

/** A chapter's exports in a table, types in a line below it. */
function list({ title, page: to, exports }: Chapter): string {
  const link = ({ name }: { readonly name: string }): string => `[${name}](${title === '' ? '' : to}#${name})`;
  const rows = exports.filter(({ isType }) => !isType).map((one) => `| ${link(one)} | ${summaryOf(one)} |`);
  const types = exports.filter(({ isType }) => isType).map(link);
  return [
    ...(title === '' ? [] : [`## [${title}](${to}) {#${to.split('/').at(-1)}}`]),
    ...(rows.length === 0 ? [] : [['| export | what it is |', '| --- | --- |', ...rows].join('\n')]),
    ...(types.length === 0 ? [] : [`Types: ${types.join(', ')}`]),
  ].join('\n\n');
}

const sections = (
  chapter: Chapter,
  places: ReadonlyMap<string, Place>,
  formulas: readonly FormulaSection[],
): string[] =>
  chapter.exports.map((one) => sectionOf(one, places, one.module === 'losses' ? formula(one.name, formulas) : ''));

/** A loss's displayed formulas, and where their symbols are explained. */
function formula(name: string, formulas: readonly FormulaSection[]): string {
  const section = formulas.find((one) => one.name === name);
  if (section === undefined) return '';
  const math = section.formulas.map((tex) => `$$\n${tex}\n$$`);
  const link = `Symbols and averages: [losses, formula by formula](/losses#${name.toLowerCase()}).`;
  return [...math, link].join('\n\n');
}
