import { escapeHtml } from './dom.ts';

/**
 * A table as HTML, its first column text and the others numbers. Texts are escaped.
 *
 * @throws RangeError when a row has not as many cells as the head
 * @example
 * ```ts
 * import { htmlTable } from '@svo/report';
 * htmlTable(['stage', 'seconds'], [['search', '21.4']]).includes('<td>21.4</td>'); // => true
 * ```
 */
export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const odd = rows.find((row) => row.length !== head.length);
  if (odd)
    throw new RangeError(
      `htmlTable: a row must have ${head.length} cells as the head has, got ${odd.length}: ${odd.join(', ')}`,
    );
  const line = (cells: readonly string[], tag: 'th' | 'td') =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${line(head, 'th')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('')}</tbody></table>`;
}
