import { table } from '../table.ts';

/** Brings the spellings of one answer together before it is read: Unicode, broken escapes, spacing commands, delimiters. */

const unicode: Readonly<Record<string, string>> = table({
  '−': '-',
  '–': '-',
  '—': '-',
  '‐': '-',
  '×': '\\times ',
  '⋅': '\\cdot ',
  '·': '\\cdot ',
  '∙': '\\cdot ',
  '÷': '/',
  '⁄': '/',
  '∕': '/',
  '√': '\\sqrt ',
  '∛': '\\sqrt[3] ',
  '∞': '\\infty ',
  '≤': '\\le ',
  '⩽': '\\le ',
  '≥': '\\ge ',
  '⩾': '\\ge ',
  '≠': '\\ne ',
  '≈': '\\approx ',
  '≡': '\\equiv ',
  '∈': '\\in ',
  '∪': '\\cup ',
  '∩': '\\cap ',
  '∖': '\\setminus ',
  '∅': '\\emptyset ',
  '±': '\\pm ',
  '∓': '\\mp ',
  '°': '^\\circ ',
  º: '^\\circ ',
  '′': "'",
  '’': "'",
  '‘': "'",
  '″': "''",
  '“': '"',
  '”': '"',
  '…': '\\ldots ',
  '⋯': '\\ldots ',
  '⌊': '\\lfloor ',
  '⌋': '\\rfloor ',
  '⌈': '\\lceil ',
  '⌉': '\\rceil ',
  '∣': '|',
  '∥': '\\|',
  '‖': '\\|',
  ℝ: '\\mathbb{R}',
  ℤ: '\\mathbb{Z}',
  ℕ: '\\mathbb{N}',
  ℚ: '\\mathbb{Q}',
  ℂ: '\\mathbb{C}',
  '∠': '\\angle ',
  '△': '\\triangle ',
  '∧': '\\wedge ',
  '∨': '\\vee ',
  '，': ',',
  '、': ',',
  '；': ';',
  '：': ':',
  '∶': ':',
  '（': '(',
  '）': ')',
  '［': '[',
  '］': ']',
  '｛': '{',
  '｝': '}',
  '。': '. ',
  '．': '.',
  '％': '%',
  '＝': '=',
  '＋': '+',
  '－': '-',
  '＜': '<',
  '＞': '>',
  '€': '¤',
  '£': '¤',
  '¥': '¤',
  '₹': '¤',
  '₽': '¤',
  '￥': '¤',
  元: ' yuan ',
  '⟨': '\\langle ',
  '⟩': '\\rangle ',
  '〈': '\\langle ',
  '〉': '\\rangle ',
  '½': '\\frac{1}{2}',
  '⅓': '\\frac{1}{3}',
  '⅔': '\\frac{2}{3}',
  '¼': '\\frac{1}{4}',
  '¾': '\\frac{3}{4}',
  '⅕': '\\frac{1}{5}',
  '⅖': '\\frac{2}{5}',
  '⅗': '\\frac{3}{5}',
  '⅘': '\\frac{4}{5}',
  '⅙': '\\frac{1}{6}',
  '⅚': '\\frac{5}{6}',
  '⅛': '\\frac{1}{8}',
  '⅜': '\\frac{3}{8}',
  '⅝': '\\frac{5}{8}',
  '⅞': '\\frac{7}{8}',
  α: '\\alpha ',
  β: '\\beta ',
  γ: '\\gamma ',
  δ: '\\delta ',
  ε: '\\epsilon ',
  ϵ: '\\epsilon ',
  ζ: '\\zeta ',
  η: '\\eta ',
  θ: '\\theta ',
  ι: '\\iota ',
  κ: '\\kappa ',
  λ: '\\lambda ',
  μ: '\\mu ',
  ν: '\\nu ',
  ξ: '\\xi ',
  π: '\\pi ',
  ρ: '\\rho ',
  σ: '\\sigma ',
  τ: '\\tau ',
  φ: '\\phi ',
  ϕ: '\\phi ',
  χ: '\\chi ',
  ψ: '\\psi ',
  ω: '\\omega ',
  Γ: '\\Gamma ',
  Δ: '\\Delta ',
  Θ: '\\Theta ',
  Λ: '\\Lambda ',
  Σ: '\\Sigma ',
  Φ: '\\Phi ',
  Ψ: '\\Psi ',
  Ω: '\\Omega ',
  '∆': '\\Delta ',
  ℓ: '\\ell ',
  '∑': '\\sum ',
  '∏': '\\prod ',
  '∫': '\\int ',
  '→': '\\to ',
  '⇒': '\\Rightarrow ',
});

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ';
const superscriptMeaning = '0123456789+-n';
const subscripts = '₀₁₂₃₄₅₆₇₈₉';

function plainUnicode(text: string): string {
  return text
    .replace(
      /[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+/g,
      (run) => `^{${[...run].map((c) => superscriptMeaning[superscripts.indexOf(c)]).join('')}}`,
    )
    .replace(/[₀₁₂₃₄₅₆₇₈₉]+/g, (run) => `_{${[...run].map((c) => subscripts.indexOf(c)).join('')}}`)
    .replace(/[\u2000-\u200b\u202f\u205f\u3000\u00a0]/g, ' ')
    .replace(/[①-⑳]/g, (c) => `${c.charCodeAt(0) - 0x245f}, `)
    .replace(/\P{ASCII}/gu, (c) => unicode[c] ?? fullWidth(c));
}

/** Chinese and Japanese type has ASCII's characters as wide as its own. */
const fullWidth = (character: string): string =>
  /[\uFF01-\uFF5E]/.test(character) ? String.fromCharCode(character.charCodeAt(0) - 0xfee0) : character;

/** A string literal that was not raw turned `\f`, `\t`, `\b` or `\r` into a control character: put the backslash back. */
const repairEscapes = (text: string): string =>
  text
    .replace(/\f(?=rac|loor|orall)/g, '\\f')
    .replace(/\t(?=ext|imes|heta|frac|an\b|au\b|o\b)/g, '\\t')
    .replace(/[\b](?=oxed|eta|inom|egin|ar\b|ig|mod|f\{)/g, '\\b')
    .replace(/\r(?=ight|ho\b|angle|floor|ceil|m\b)/g, '\\r')
    .replace(/\v(?=ec|ert|arphi)/g, '\\v');

/** Numbers grouped by LaTeX's ways of setting a comma or a thin space: 10{,}000, 12,\!000, 1\,000. */
const ungroup = (text: string): string =>
  text.replace(/(\d)(?:\{,\}|,\s?\\!|\\,|\\;|\{\\,\}|\\ )\s?(?=\d{3}(?!\d))/g, '$1');

const environment = /\\begin\s*\{/;

/**
 * One answer, cleaned for the lexer. Every pattern is linear. `\\` before a letter is an escaped backslash unless the text has an
 * environment, where it ends a row.
 */
export function clean(raw: string): string {
  let text = raw;
  if (/[\f\t\b\r\v]/.test(text)) text = repairEscapes(text);
  if (/\P{ASCII}/u.test(text)) text = plainUnicode(text);
  if (text.includes('\\')) {
    text = environment.test(text)
      ? text.replace(/\\\\\s*\[[\d.]{1,6}[a-z]{2}\]/g, '\\\\')
      : text.replace(/\\\\(?=[a-zA-Z%{}$])/g, '\\');
    text = ungroup(text).replace(/\\\$/g, '¤');
  } else if (text.includes('{,}')) text = ungroup(text);
  text = text
    .replace(/\.\.\.+/g, '\\ldots ')
    .replace(/(^|[^\\\d\w)])\$\s?(?=\d)/g, '$1 ')
    .replace(/\$/g, ' ');
  return text
    .replace(/\{:\}/g, ':')
    .trim()
    .replace(/^\*\*([^*]+)\*\*$/, '$1')
    .replace(/(?:[\s,;:]|(?<![.\d])\.|(?<=\d)\.|\\|\^|<\|[a-z_]+\|>)+$/, '')
    .trim();
}
