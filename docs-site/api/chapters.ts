/** The API by chapter: which exports share a page, in the author's own folders. */
import { posix } from 'node:path';
import type { Documented } from './docstrings.ts';
import type { Place } from './section.ts';

/** A page of the API: the exports of one folder of a module. */
export interface Chapter {
  readonly module: string;
  readonly title: string;
  /** Its place on the site, such as `/api/losses/preference-margin`. */
  readonly page: string;
  readonly exports: readonly Documented[];
}

/** Few enough exports to stand on the module's own page, without chapters. */
const small = 12;

/** The chapters of every module; a module that has but one, or little in all, has it on its own page. */
export function chaptersOf(documented: readonly Documented[]): Chapter[] {
  return [...Map.groupBy(documented, ({ module }) => module)].flatMap(([module, all]) => {
    const folders = [...Map.groupBy(all, ({ folder }) => folder)].sort(([a], [b]) => a.localeCompare(b));
    if (folders.length === 1 || all.length <= small)
      return [{ module, title: '', page: `/api/${module}`, exports: ordered(all) }];
    return folders.map(([folder, own]) => ({
      module,
      title: folder === '' ? 'General' : titleOf(folder),
      page: `/api/${module}/${folder === '' ? 'general' : folder.replaceAll('/', '-')}`,
      exports: ordered(own),
    }));
  });
}

/** Where each export stands, by TypeDoc's path of it. */
export const placesOf = (chapters: readonly Chapter[]): Map<string, Place> =>
  new Map(chapters.flatMap(({ page, exports }) => exports.map(({ path, name }) => [path, { page, anchor: name }])));

/** The link of each name that only one module exports; modules come before their subpaths. */
export function linksByName(chapters: readonly Chapter[]): Map<string, string> {
  const all = chapters.flatMap(({ page, exports }) => exports.map(({ name, path }) => ({ name, path, page })));
  const depth = ({ path }: { readonly path: string }): number => path.split(posix.sep).length;
  return new Map(
    [...Map.groupBy(all, ({ name }) => name)].flatMap(([name, same]) => {
      const nearest = same.filter((one) => depth(one) === Math.min(...same.map(depth)));
      return nearest.length === 1 ? [[name, `${nearest[0]!.page}#${name}`] as const] : [];
    }),
  );
}

/** What can be called before the types, each by name. */
const ordered = (exports: readonly Documented[]): Documented[] =>
  exports.toSorted((a, b) => Number(a.isType) - Number(b.isType) || a.name.localeCompare(b.name));

/** `preference/margin` as a title. */
const titleOf = (folder: string): string => {
  const words = folder.replaceAll('-', ' ').replaceAll('/', ': ');
  return words[0]!.toUpperCase() + words.slice(1);
};
