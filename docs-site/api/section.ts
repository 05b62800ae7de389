/** One export as a section of its chapter's page. */
import { posix } from 'node:path';
import type { Documented } from './docstrings.ts';

/** The page an export stands on, and its heading there. */
export interface Place {
  readonly page: string;
  readonly anchor: string;
}

/**
 * Its heading carries the name; the headings below it have no anchors, so that search and outline list exports alone. Links of
 * TypeDoc's own files lead to where those exports stand; throws where one leads nowhere.
 *
 * @param places - by TypeDoc's paths
 */
export function sectionOf(one: Documented, places: ReadonlyMap<string, Place>, formula: string): string {
  const own = places.get(one.path)!;
  const linked = outsideFences(one.markdown, (text) =>
    text
      .replaceAll(/<a id="[^"]*"><\/a> ?/g, '')
      .replaceAll(/^#{2,} (.+)$/gm, (heading, title: string) => {
        const level = heading.indexOf(' ') + 1;
        return `<h${level}>${title.replaceAll(/[`\\]/g, '')}</h${level}>`;
      })
      .replaceAll(/\]\(#[^)]*\)/g, `](#${own.anchor})`)
      .replaceAll(/\]\(((?!https?:)[\w./-]+\.md)(?:#[^)]*)?\)/g, (_, href: string) => {
        const to = places.get(posix.join(posix.dirname(one.path), href));
        if (to === undefined) throw new Error(`${one.path} links to ${href}, which is on no page of the API`);
        return `](${to.page === own.page ? '' : to.page}#${to.anchor})`;
      }),
  );
  const [signature, summary = '', ...rest] = paragraphs(linked);
  const text = formula === '' ? linked : [signature, summary, formula, ...rest].join('\n\n');
  return `## ${one.name} {#${own.anchor}}\n\n${text}`;
}

/** The first sentence or two of an export: what its chapter's list says of it. */
export function summaryOf({ markdown }: Documented): string {
  const first = paragraphs(outsideFences(markdown, (text) => text)).find((text) => !/^(```|#|\|)/.test(text)) ?? '';
  const plain = first.replaceAll('\n', ' ').replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  return plain.replaceAll('|', '\\|');
}

/** Paragraphs, where a fenced block is one however many empty lines it has. */
const paragraphs = (markdown: string): string[] => markdown.match(/^```[\s\S]*?^```|(?:^(?!```).+\n?)+/gm) ?? [];

/** The text changed by `change` wherever it is no fenced code. */
const outsideFences = (markdown: string, change: (text: string) => string): string =>
  markdown
    .split(/(^```[\s\S]*?^```$)/m)
    .map((part, i) => (i % 2 === 1 ? part : change(part)))
    .join('');
