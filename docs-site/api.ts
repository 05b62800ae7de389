/** The API reference: one page an export, from the docstrings, with the loss's rendered formula where docs/losses.md has one. */
import { globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  Application,
  Comment,
  type Context,
  Converter,
  type ProjectReflection,
  ReflectionKind,
  type TypeDocOptions,
} from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { formulaSections } from './formulas.ts';

/** An entry of a sidebar. */
export interface SidebarItem {
  readonly text: string;
  readonly link?: string;
  readonly collapsed?: boolean;
  readonly items?: readonly SidebarItem[];
}

/** A module users import: `@svo/losses/reference` is `losses/reference` here and on the site. */
interface Entry {
  readonly name: string;
  readonly file: string;
  readonly description: string;
}

/** What users can import, from the `exports` of every package.json. */
function entriesOf(root: string): Entry[] {
  return globSync('packages/*/package.json', { cwd: root })
    .sort()
    .flatMap((path) => {
      const { name, exports, description } = JSON.parse(readFileSync(join(root, path), 'utf8'));
      return Object.entries<{ '@svo/source'?: string }>(exports).flatMap(([entry, { '@svo/source': source }]) => {
        if (source === undefined) return [];
        const file = join(root, dirname(path), source);
        const own = /^\/\*\*([\s\S]*?)\*\//
          .exec(readFileSync(file, 'utf8'))?.[1]
          ?.replaceAll(/\n \* ?/g, ' ')
          .trim();
        return [{ name: `${name}${entry.slice(1)}`.replace('@svo/', ''), file, description: own ?? description }];
      });
    });
}

/** Writes `out/<package>/<export>.md` and returns a sidebar a module. Throws when an export has no docstring or a link leads nowhere. */
export async function writeApi(root: string, out: string): Promise<Record<string, SidebarItem[]>> {
  const entries = entriesOf(root);
  const options: Partial<TypeDocOptions & PluginOptions> = {
    entryPoints: entries.map(({ file }) => file),
    tsconfig: join(import.meta.dirname, 'api.tsconfig.json'),
    basePath: root,
    plugin: ['typedoc-plugin-markdown'],
    router: 'structure',
    out,
    skipErrorChecking: true, // `npm run types` is what checks them
    readme: 'none',
    disableGit: true,
    disableSources: true,
    excludeExternals: true,
    externalPattern: ['**/node_modules/**'],
    validation: { notExported: false, invalidLink: true, notDocumented: true },
    requiredToBeDocumented: ['Function', 'Class', 'Interface', 'TypeAlias', 'Variable'],
    treatValidationWarningsAsErrors: true,
    logLevel: 'Warn',
    entryFileName: 'index',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandObjects: true,
    sanitizeComments: true,
    groupOrder: ['Functions', 'Variables', 'Classes', '*'],
    indexFormat: 'table',
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    pageTitleTemplates: {
      index: 'API reference',
      module: ({ name }) => `@svo/${name}`,
      member: ({ name }) => name,
    },
  };
  const app = await Application.bootstrapWithPlugins(options);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => nameModules(project, entries));
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc could not read the sources, see above');
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('the API reference has the faults above');
  addFormulas(root, out);
  for (const { name } of entries) tellApart(name, out);
  const rows = entries.map(({ name, description }) => `| [\`@svo/${name}\`](${name}.md) | ${description} |`);
  writeFileSync(
    join(out, 'index.md'),
    ['# API', '', '| import | what it is |', '| --- | --- |', ...rows, ''].join('\n'),
  );
  return sidebarsOf(project, out);
}

/** Names modules as users import them, and describes those that do not describe themselves. */
function nameModules(project: ProjectReflection, entries: readonly Entry[]): void {
  for (const module of project.children ?? []) {
    module.name = module.name.replace('packages/', '').replace('/src', '');
    const description = entries.find(({ name }) => name === module.name)?.description ?? '';
    module.comment ??= new Comment([{ kind: 'text', text: description }]);
  }
}

/** Puts a loss's formula after the first paragraph of its page. */
function addFormulas(root: string, out: string): void {
  const sections = formulaSections(readFileSync(join(root, 'docs/losses.md'), 'utf8'));
  for (const folder of ['losses', 'losses/reference'])
    for (const file of readdirSync(join(out, folder))) {
      const section = sections.find(({ name }) => `${name}.md` === file);
      if (section === undefined) continue;
      const path = join(out, folder, file);
      const [title, signature, summary, ...rest] = readFileSync(path, 'utf8').split('\n\n');
      const math = section.formulas.map((tex) => `$$\n${tex}\n$$`);
      const link = `Symbols and averages: [losses, formula by formula](/losses#${section.name.toLowerCase()}).`;
      writeFileSync(path, [title, signature, summary, ...math, link, ...rest].join('\n\n'));
    }
}

/** Titles of a subpath's pages name it: `dvoLoss() of reference`, since search shows titles alone. */
function tellApart(module: string, out: string): void {
  const [, subpath] = module.split('/');
  if (subpath === undefined) return;
  for (const file of globSync('*.md', { cwd: join(out, module) })) {
    const path = join(out, module, file);
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(/^# .*/, (title) => `${title} of ${subpath}`),
    );
  }
}

/** `/api/losses/`: what can be called, then the types. */
function sidebarsOf(project: ProjectReflection, out: string): Record<string, SidebarItem[]> {
  const modules = project.children ?? [];
  const every = {
    text: 'API',
    link: '/api/',
    items: modules.map(({ name }) => ({ text: `@svo/${name}`, link: `/api/${name}` })),
  };
  const own = modules.map(({ name, children = [] }) => {
    const pages = pagesByTitle(join(out, name));
    const items = (ofValues: boolean): SidebarItem[] =>
      children
        .filter(({ kind }) => valueKinds.includes(kind) === ofValues)
        .map((child) => ({ text: child.name, link: `/api/${name}/${pages.get(child.name)}` }))
        .sort((a, b) => a.text.localeCompare(b.text));
    const lists = [
      { text: `@svo/${name}`, link: `/api/${name}`, items: items(true) },
      { text: 'Types', collapsed: true, items: items(false) },
    ];
    return [
      `/api/${name}`,
      [{ text: '← API', link: '/api/' }, ...lists.filter((list) => list.items.length > 0)],
    ] as const;
  });
  return { ...Object.fromEntries(own), '/api/': [every] };
}

/** Files by title: where two names differ in case alone, TypeDoc numbers the second one's file. */
const pagesByTitle = (folder: string): Map<string, string> =>
  new Map(
    globSync('*.md', { cwd: folder }).map((file) => {
      // `SEARCH\_FORMAT` as Markdown escapes it; a namespace is titled by its module, `@svo/tf`.
      const title = /^# (?:@svo\/)?([\w\\]+)/.exec(readFileSync(join(folder, file), 'utf8'))?.[1] ?? '';
      return [title.replaceAll('\\', ''), file.replace('.md', '')];
    }),
  );

/** The API page of each name that only one module exports; modules come before their subpaths. */
export function placesOf(sidebars: Readonly<Record<string, readonly SidebarItem[]>>): Map<string, string> {
  const entries = Object.values(sidebars).flatMap((lists) => lists.flatMap(({ items = [] }) => items));
  const depth = ({ link = '' }: SidebarItem): number => link.split('/').length;
  return new Map(
    [...Map.groupBy(entries, ({ text }) => text)].flatMap(([name, same]) => {
      const nearest = same.filter((entry) => depth(entry) === Math.min(...same.map(depth)));
      return nearest.length === 1 ? [[name, nearest[0]!.link!] as const] : [];
    }),
  );
}

const valueKinds: readonly ReflectionKind[] = [
  ReflectionKind.Function,
  ReflectionKind.Variable,
  ReflectionKind.Class,
  ReflectionKind.Reference,
];
