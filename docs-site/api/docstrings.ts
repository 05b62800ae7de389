/** Docstrings as Markdown, one text an export, by TypeDoc. */
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  Application,
  type DeclarationReflection,
  type ProjectReflection,
  ReflectionKind,
  type TypeDocOptions,
} from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import type { Entry } from './entries.ts';

/** An export of a module. */
export interface Documented {
  readonly module: string;
  readonly name: string;
  /** The folder of its source below `src`, '' beside the index. */
  readonly folder: string;
  readonly isType: boolean;
  /** Where TypeDoc would have it, such as `losses/dvoLoss.md`: other texts link to it by that path. */
  readonly path: string;
  /** Signature, prose, parameters, example, without a title. */
  readonly markdown: string;
}

/** Every export of the modules, in TypeDoc's order. Throws when one has no docstring or a link leads nowhere. */
export async function docstringsOf(root: string, entries: readonly Entry[]): Promise<Documented[]> {
  const out = mkdtempSync(join(tmpdir(), 'svo-api-'));
  const options: Partial<TypeDocOptions & PluginOptions> = {
    entryPoints: entries.map(({ file }) => file),
    tsconfig: join(import.meta.dirname, 'tsconfig.json'),
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
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandObjects: true,
    sanitizeComments: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    tableColumnSettings: { hideModifiers: true },
    pageTitleTemplates: { member: ({ name }) => name },
  };
  const app = await Application.bootstrapWithPlugins(options);
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc could not read the sources, see above');
  for (const module of project.children ?? []) module.name = moduleName(module.name);
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('the API reference has the faults above');
  const documented = (project.children ?? []).flatMap((module) => exportsOf(project, module, out));
  rmSync(out, { recursive: true });
  return documented;
}

/** `packages/losses/src/reference` as users import it. */
const moduleName = (path: string): string => path.replace('packages/', '').replace('/src', '');

function exportsOf(project: ProjectReflection, module: DeclarationReflection, out: string): Documented[] {
  const texts = textsByTitle(join(out, module.name));
  return (module.children ?? [])
    .filter(({ kind }) => kind !== ReflectionKind.Reference) // another module's export, described there
    .map((child) => {
      const text = texts.get(child.name);
      if (text === undefined) throw new Error(`TypeDoc wrote no page for ${child.name} of @svo/${module.name}`);
      // What TypeDoc shows of a namespace of others' exports is nothing: what its own file says of it stands there.
      const isNamespace = child.kind === ReflectionKind.Namespace;
      const markdown = isNamespace && text.markdown === '' ? aboutFile(project, child) : text.markdown;
      const folder = isNamespace ? '' : folderOf(module.name, project.getSymbolIdFromReflection(child)?.toObject());
      const isType = [ReflectionKind.Interface, ReflectionKind.TypeAlias].includes(child.kind);
      if (markdown === '') throw new Error(`${child.name} of @svo/${module.name} would be an empty section`);
      return { module: module.name, name: child.name, folder, isType, markdown, path: `${module.name}/${text.path}` };
    });
}

/** The comment at the head of the file that a namespace is made of. */
function aboutFile(project: ProjectReflection, namespace: DeclarationReflection): string {
  const path = project.getSymbolIdFromReflection(namespace)?.toObject().packagePath ?? '';
  const file = join(
    import.meta.dirname,
    '../../packages',
    namespace.parent!.name.split('/')[0]!,
    path.replace(/^.*?src\//, 'src/'),
  );
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(file, 'utf8'))?.[1];
  if (comment === undefined) throw new Error(`${namespace.name} of ${file} has no comment at its head`);
  return comment.replaceAll(/\n \* ?/g, '\n').trim();
}

/** The folder of a symbol below `src` of its package, or below the folder that is the module; '' for what another package declares. */
function folderOf(module: string, symbol: { packageName: string; packagePath: string } | undefined): string {
  const [own, subpath = ''] = module.split('/');
  if (symbol?.packageName !== `@svo/${own}`) return '';
  const folder = dirname(symbol.packagePath.replace(/^.*?src\//, ''));
  return folder === '.' || folder === subpath ? '' : folder.replace(subpath === '' ? '' : `${subpath}/`, '');
}

/** Texts by title: where two names differ in case alone, TypeDoc numbers the second one's file. */
const textsByTitle = (folder: string): Map<string, { path: string; markdown: string }> =>
  new Map(
    globSync('*.md', { cwd: folder }).map((path) => {
      const [title = '', ...rest] = readFileSync(join(folder, path), 'utf8').split('\n');
      // `SEARCH\_FORMAT` as Markdown escapes it; a namespace is titled by its module, `@svo/tf`.
      const name = /^# (?:@svo\/)?([\w\\]+)/.exec(title)?.[1]?.replaceAll('\\', '') ?? '';
      return [name, { path, markdown: rest.join('\n').trim() }];
    }),
  );
