/** The TeX of docs/losses.md, by export. */

/** One export's section: its heading and the displayed formulas in it. */
export interface FormulaSection {
  readonly name: string;
  readonly formulas: readonly string[];
}

/** Sections under headings that are one name in code, such as ### `dvoLoss`. */
export const formulaSections = (markdown: string): FormulaSection[] =>
  markdown
    .split(/^(?=#{2,3} )/m)
    .map((section) => ({
      name: /^#{2,3} `(\w+)`/.exec(section)?.[1] ?? '',
      formulas: displayed(section),
    }))
    .filter(({ name }) => name !== '');

/** The displayed formulas of a text. */
export const displayed = (markdown: string): string[] =>
  [...markdown.matchAll(/^\$\$\n([\s\S]*?)\n\$\$$/gm)].map(([, tex]) => tex!);

/** Every formula of a text, displayed and in the line, code left out. */
export const formulasOf = (markdown: string): string[] => {
  const text = markdown.replace(/^(```+|~~~+)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
  const inline = text.replace(/^\$\$\n[\s\S]*?\n\$\$$/gm, '').matchAll(/\$([^$\s](?:[^$\n]*[^$\s\\])?)\$/g);
  return [...displayed(text), ...[...inline].map(([, tex]) => tex!)];
};
