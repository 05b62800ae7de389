/** What search knows of a page: its words, without what would make the index heavy and its answers poor. */

/**
 * A page's Markdown as it is searched. Formulas go, which nobody types as they are drawn, and so do numbers in tables; of the API
 * there stay the names and their prose; of notebooks and sources the text without its code.
 */
export function searchText(path: string, markdown: string): string {
  const text = markdown.replace(/^\$\$\n[\s\S]*?\n\$\$$/gm, '').replace(/\$[^$\n]+\$/g, '');
  if (/^(api|notebooks|benchmarks)\//.test(path)) return withoutTables(withoutFences(text).replace(/^<h\d>.*$/gm, ''));
  return text.replace(/^\|.*\d.*\|$/gm, (row) => row.replaceAll(/[\d.,%±−+()-]+/g, ' '));
}

const withoutFences = (markdown: string): string => markdown.replace(/^(```+|~~~+)[\s\S]*?^\1/gm, '');
const withoutTables = (markdown: string): string => markdown.replace(/^\|.*\|$/gm, '');
