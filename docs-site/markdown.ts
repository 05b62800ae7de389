/** Markdown as the site has it: formulas, and tables that scroll within themselves and have no empty headings. */
import { katex } from '@mdit/plugin-katex';
import type { MarkdownRenderer } from 'vitepress';

export function useMarkdown(md: MarkdownRenderer): void {
  // Called rather than used: VitePress carries other types of markdown-it.
  katex(md as never, {
    throwOnError: true,
    strict: 'error',
    transformer: (html) => html.replace('<span class="katex', '<span v-pre class="katex'),
  });
  md.renderer.rules.table_open = () => '<div class="table"><table>\n';
  md.renderer.rules.table_close = () => '</table></div>\n';
  // A heading without words is none, to who listens.
  md.renderer.rules.th_open = (tokens, i, options, _env, self) => {
    const isEmpty = tokens[i + 1]?.content.trim() === '';
    if (!isEmpty) return self.renderToken(tokens, i, options);
    tokens[i + 2]!.tag = 'td';
    return '<td>';
  };
}
