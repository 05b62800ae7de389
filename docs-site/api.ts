/** The API reference: one page an export, from the docstrings, with the loss's rendered formula where docs/losses.md has one. */
import { globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  Application,
  type Context,
  Converter,
  type ProjectReflection,
  ReflectionKind,
  type TypeDocOptions,
} from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { formulaSections } from './formulas.ts';

/** A group of the sidebar. */
export interface SidebarItem {
  readonly text: string;
  readonly link?: string;
  readonly collapsed?: boolean;
  readonly items?: readonly SidebarItem[];
}

/** Entry points of all packages by the name users import, from the `exports` of their package.json. */
export function entryPointsOf(root: string): ReadonlyMap<string, string> {
  const manifests = globSync('packages/*/package.json', { cwd: root }).sort();
  return new Map(
    manifests.flatMap((path) => {
      const { name, exports } = JSON.parse(readFileSync(join(root, path), 'utf8'));
      return Object.entries<{ '@svo/source'?: string }>(exports).flatMap(([entry, { '@svo/source': source }]) =>
        source === undefined ? [] : [[`${name}${entry.slice(1)}`, join(root, dirname(path), source)] as const],
      );
    }),
  );
}

/** Writes `out/<package>/<export>.md` and returns the sidebar. Throws when an export has no docstring or a link leads nowhere. */
export async function writeApi(root: string, out: string): Promise<SidebarItem[]> {
  const entries = entryPointsOf(root);
  const options: Partial<TypeDocOptions & PluginOptions> = {
    entryPoints: [...entries.values()],
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
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => nameModules(project));
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc could not read the sources, see above');
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors()) throw new Error('the API reference has the faults above');
  addFormulas(root, out);
  return sidebarOf(project);
}

/** `packages/losses/src/reference` → `losses/reference`: the place on the site and, with `@svo/` before it, the name users import. */
function nameModules(project: ProjectReflection): void {
  for (const module of project.children ?? []) module.name = module.name.replace('packages/', '').replace('/src', '');
}

/** Puts a loss's formula below its signature. */
function addFormulas(root: string, out: string): void {
  const sections = formulaSections(readFileSync(join(root, 'docs/losses.md'), 'utf8'));
  for (const folder of ['losses', 'losses/reference'])
    for (const file of readdirSync(join(out, folder))) {
      const section = sections.find(({ name }) => `${name}.md` === file);
      if (section === undefined) continue;
      const path = join(out, folder, file);
      const text = readFileSync(path, 'utf8');
      const end = text.indexOf('```\n', text.indexOf('```ts') + 1) + '```\n'.length;
      const math = section.formulas.map((tex) => `\n$$\n${tex}\n$$\n`).join('');
      writeFileSync(path, `${text.slice(0, end)}${math}${text.slice(end)}`);
    }
}

function sidebarOf(project: ProjectReflection): SidebarItem[] {
  return (project.children ?? []).map((module) => {
    const items = (wanted: boolean): SidebarItem[] =>
      (module.children ?? [])
        .filter(({ kind }) => kind === ReflectionKind.Reference || isValue(kind) === wanted)
        .filter(({ kind }) => kind !== ReflectionKind.Reference || wanted)
        .map(({ name }) => ({ text: name, link: `/api/${module.name}/${name}` }))
        .sort((a, b) => a.text.localeCompare(b.text));
    const types = items(false);
    return {
      text: `@svo/${module.name}`,
      link: `/api/${module.name}`,
      collapsed: true,
      items: [...items(true), ...(types.length > 0 ? [{ text: 'Types', collapsed: true, items: types }] : [])],
    };
  });
}

const isValue = (kind: ReflectionKind): boolean =>
  [ReflectionKind.Function, ReflectionKind.Variable, ReflectionKind.Class].includes(kind);
