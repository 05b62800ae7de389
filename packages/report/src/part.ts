import { coloursOf, contentStyle } from './style.ts';

/**
 * A part of a report in somebody else's page: a notebook's output, a README, a dashboard. The drawings, tables and solutions of this
 * package get the report's colours and a ground of their own, and nothing around them changes.
 *
 * @param html as {@link reportPage} takes it in a section: trusted, from this package's own drawings
 * @example
 * ```ts
 * import { htmlTable, reportPart } from '@svo/report';
 * const html = reportPart(htmlTable(['method', 'right'], [['DVO', '61.7 %']]));
 * html.includes('<td>61.7 %</td>'); // => true
 * ```
 */
export const reportPart = (html: string): string => `<div class="svo-part"><style>${style}</style>${html}</div>`;

const style = `
${coloursOf('.svo-part')}
.svo-part { box-sizing: border-box; max-width: 960px; padding: 14px 18px; border-radius: 10px; overflow-x: auto;
  background: var(--card); color: var(--text); font: 15px/1.5 system-ui, sans-serif;
  figure { margin: 0; }
  .side-by-side { display: flex; flex-wrap: wrap; gap: 12px 24px; }
${contentStyle}}
`;
