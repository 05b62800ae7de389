import { escapeHtml } from './dom.ts';
import { coloursOf, contentStyle } from './style.ts';

/** One part of the page. `html` is trusted: it comes from this package's own drawings, never from a model. */
export interface Section {
  readonly title: string;
  /** One or two sentences that say what is seen and how to read it. */
  readonly note?: string;
  readonly html: string;
}

/** What stands above the sections. */
export interface PageHead {
  readonly title: string;
  readonly lead: string;
  /** Label and value pairs, shown as tiles. */
  readonly facts: readonly (readonly [label: string, value: string])[];
}

/**
 * A self-contained HTML page, light and dark by the reader's setting: no script, font or file from elsewhere.
 *
 * @example
 * ```ts
 * import { reportPage } from '@svo/report';
 * const html = reportPage({ title: 'A run', lead: 'What happened.', facts: [['seed', '1']] }, []);
 * html.startsWith('<!doctype html>'); // => true
 * ```
 */
export function reportPage(head: PageHead, sections: readonly Section[]): string {
  const facts = head.facts.map(
    ([label, value]) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  const parts = sections.map(
    ({ title, note, html }) =>
      `<section><h2>${escapeHtml(title)}</h2>${note === undefined ? '' : `<p class="note">${escapeHtml(note)}</p>`}${html}</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(head.title)}</title>
<style>${style}</style>
</head>
<body>
<header><h1>${escapeHtml(head.title)}</h1><p>${escapeHtml(head.lead)}</p><dl>${facts.join('')}</dl></header>
<main>${parts.join('\n')}</main>
</body>
</html>
`;
}

const style = `
${coloursOf(':root')}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
header, main { max-width: 1180px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 40px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 8px; letter-spacing: -0.01em; }
header p { margin: 0 0 20px; color: var(--muted); max-width: 70ch; }
dl { display: flex; flex-wrap: wrap; gap: 10px; margin: 0 0 12px; }
dl div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 8px 14px; }
dt { font-size: 12px; color: var(--muted); } dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 520px), 1fr)); gap: 18px; padding-block: 12px 60px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 20px 22px; min-width: 0; overflow-x: auto; }
section.wide, section:has(.tree), section:has(.wide) { grid-column: 1 / -1; }
h2 { font-size: 18px; margin: 0 0 4px; }
.note { color: var(--muted); font-size: 14px; margin: 0 0 12px; max-width: 75ch; }
${contentStyle}`;
