/** A notebook as a page: its text, its code, and the outputs saved in it. */
import { stripVTControlCharacters } from 'node:util';

type Text = string | readonly string[];
interface Output {
  readonly text?: Text;
  readonly data?: Readonly<Record<string, Text>>;
}
interface Cell {
  readonly cell_type: string;
  readonly source: Text;
  readonly outputs?: readonly Output[];
}

/** Markdown of a notebook file's content. */
export function notebookPage(json: string): string {
  const { cells }: { cells: readonly Cell[] } = JSON.parse(json);
  return cells
    .map(({ cell_type, source, outputs = [] }) =>
      cell_type === 'markdown' ? joined(source) : [fence('ts', joined(source)), ...outputs.map(shown)].join('\n\n'),
    )
    .join('\n\n');
}

/** The richest form of an output; HTML becomes a string that Vue inserts, so that nothing of it is taken for a template. */
function shown({ text, data = {} }: Output): string {
  const html = data['text/html'] ?? data['image/svg+xml'];
  if (html !== undefined)
    return `<div class="notebook-output" v-html="${escaped(JSON.stringify(reachable(joined(html))))}"></div>`;
  if (data['image/png'] !== undefined)
    return `<img class="notebook-output" alt="" src="data:image/png;base64,${joined(data['image/png']).trim()}">`;
  const plain = text ?? data['text/plain'];
  return plain === undefined ? '' : fence('text', stripVTControlCharacters(joined(plain)).trimEnd());
}

/** For who listens: frames that say what they are, no label where no role carries one, no heading without words. Colours are the site's. */
const reachable = (html: string): string =>
  html
    .replaceAll(/<iframe(?! title=)/g, '<iframe title="a tree of steps"')
    .replaceAll(/(<g\b[^>]*?)\saria-label="[^"]*"/g, '$1')
    .replaceAll(/--(?:good|bad|page|muted):(?:#\w+|white);?/g, '')
    .replaceAll(/<th><\/th>/g, '<td></td>');

const joined = (text: Text): string => (typeof text === 'string' ? text : text.join(''));
const fence = (language: string, code: string): string => `~~~~${language}\n${code}\n~~~~`;
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
