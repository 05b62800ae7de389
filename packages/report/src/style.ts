/** How a report looks: the page as a whole, and a part of it that stands in somebody else's page. */

const light = `color-scheme: light dark; --page: #fbfbf9; --card: #ffffff; --text: #1d232b; --muted: #6b7480; --line: #e3e5e1;
  --accent: #1f5fbf; --other: #b3691b; --good: #17915a; --bad: #cc3a4b;`;
const dark = `--page: #14171b; --card: #1c2026; --text: #e4e7eb; --muted: #949daa;
  --line: #2c323a; --accent: #7db0ff; --other: #e8a65a; --good: #43c98b; --bad: #ff7583;`;

/** The colours as CSS variables of what `selector` names, light and dark by the reader's setting. */
export const coloursOf = (selector: string): string =>
  `${selector} { ${light} }\n@media (prefers-color-scheme: dark) { ${selector} { ${dark} } }`;

/** Plots, code, solutions, tables and frames. */
export const contentStyle = `
svg { max-width: 100%; height: auto; color: var(--text); }
code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
.solutions { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 0 28px; }
/* A step's text stands on its colour: paler in the light, deeper in the dark than where the colour is a line's. */
.solution { margin: 0 0 18px; --good: light-dark(#5fc299, #1c7a4e); --bad: light-dark(#f08a96, #9c2f3c); }
.solution figcaption { margin-bottom: 6px; }
.solution ol { list-style: none; margin: 0; padding: 0; display: grid; gap: 4px; }
.solution li { display: grid; grid-template-columns: 1fr auto auto 4.5em; gap: 14px; padding: 6px 12px; border-radius: 8px; font-variant-numeric: tabular-nums; }
.solution li i { font-size: 13px; font-style: normal; } .solution li span { font-size: 13px; } .solution li b { text-align: right; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { text-align: left; padding: 6px 10px 6px 0; border-bottom: 1px solid var(--line); } th { color: var(--muted); font-weight: 500; }
td:not(:first-child), th:not(:first-child) { text-align: right; }
iframe { width: 100%; height: 620px; border: 0; border-radius: 8px; background: var(--card); }
`;
