import { type Budget, spend } from '../budget.ts';
import { table } from '../table.ts';
import { connectives, functionNames, plainCommands, shortWords } from './words.ts';

/** A token. `gap`: white space stood before it. `at`: where it begins in the cleaned text. */
export interface Token {
  readonly t: 'num' | 'id' | 'cmd' | 'text' | 'op' | 'begin' | 'end';
  readonly v: string;
  readonly gap: boolean;
  readonly at: number;
}

/** How commas between digits are read: 1,234 as one number; 1,234 as two; 1,234 as a decimal fraction. */
export type Commas = 'group' | 'list' | 'decimal';

const spacing = new Set(
  ', ! ; : > quad qquad thinspace enspace hspace displaystyle textstyle limits nolimits left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr middle mathstrut phantom rm it bf cr'.split(
    ' ',
  ),
);
const textCommands = new Set(
  'text mbox textbf textit textrm mathrm operatorname mathbf mathit mathsf boldsymbol mathcal mathfrak bm rm textnormal hbox textup emph underline textsf'.split(
    ' ',
  ),
);
const letterCommands = new Set(
  'mathrm operatorname mathbf mathit mathsf boldsymbol mathcal mathfrak bm text textbf textit mbox rm textrm'.split(
    ' ',
  ),
);
const commandAliases: Readonly<Record<string, string>> = table({
  dfrac: 'frac',
  tfrac: 'frac',
  cfrac: 'frac',
  leqslant: 'le',
  leq: 'le',
  geqslant: 'ge',
  geq: 'ge',
  neq: 'ne',
  lt: '<',
  gt: '>',
  dbinom: 'binom',
  tbinom: 'binom',
  choose: 'choose',
  infinity: 'infty',
  oo: 'infty',
  union: 'cup',
  bigcup: 'cup',
  bigcap: 'cap',
  varnothing: 'emptyset',
  setminus: 'setminus',
  backslash: 'setminus',
  textcirc: 'circ',
  degree: 'circ',
  degrees: 'circ',
  varphi: 'phi',
  varepsilon: 'epsilon',
  vartheta: 'theta',
  cdots: 'ldots',
  dots: 'ldots',
  dotsc: 'ldots',
  dotsb: 'ldots',
  vdots: 'ldots',
  lvert: '|',
  rvert: '|',
  vert: '|',
  mid: 'mid',
  lbrace: '\\{',
  rbrace: '\\}',
  lbrack: '[',
  rbrack: ']',
  land: 'wedge',
  lor: 'vee',
  longrightarrow: 'to',
  rightarrow: 'to',
  approxeq: 'approx',
  thickapprox: 'approx',
  simeq: 'approx',
  colon: ':',
  ast: '*',
  div: '/',
  slash: '/',
  lg: 'lg',
});
const operators = new Set(['<', '>', '|', '[', ']', ':', '*', '/', '\\{', '\\}']);

/** Text groups inside text groups that are still read; below that they are words. */
const mostNested = 4;

const isLetter = (c: number): boolean => (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
const isDigit = (c: number): boolean => c >= 48 && c <= 57;
/** Does the text hold anything that only mathematics would? Then a short run of letters is a product of symbols. */
const mathematical = /[\\^_=+*/<>\d]/;

/** The text of a braced group that opens at `open`, and where it ends; the rest when it doesn't close. */
function group(text: string, open: number): { inner: string; end: number } {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const c = text[i];
    if (c === '\\') i++;
    else if (c === '{') depth++;
    else if (c === '}' && --depth === 0) return { inner: text.slice(open + 1, i), end: i + 1 };
  }
  return { inner: text.slice(open + 1), end: text.length };
}

const grouped = /^\d{1,3}(?:,\d{3})+(?![\d])(?:\.\d+)?/;
const spaced = /^\d{1,3}(?: \d{3})+(?![\d])(?:\.\d+)?/;
const decimalComma = /^\d+,\d+(?![\d,])/;
const scientific = /^(?:\d+\.?\d*|\.\d+)[eE][-+]?\d{1,4}(?![\w^.])/;
const simple = /^(?:\d+(?:\.(?=\d|\s|$|[^.\d]))?\d*|\.\d+)/;

function numberAt(text: string, at: number, depth: number, commas: Commas): { v: string; end: number } | undefined {
  const rest = text.slice(at, at + 400);
  const digitsOnly = /^\d{390}/.test(rest) ? text.slice(at, at + 5000) : rest;
  if (depth === 0 && commas === 'group') {
    const match = grouped.exec(digitsOnly) ?? spaced.exec(digitsOnly);
    if (match !== null) return { v: match[0].replace(/[, ]/g, ''), end: at + match[0].length };
  }
  if (depth === 0 && commas === 'decimal') {
    const match = decimalComma.exec(digitsOnly);
    if (match !== null) return { v: match[0].replace(',', '.'), end: at + match[0].length };
  }
  const match = scientific.exec(digitsOnly) ?? simple.exec(digitsOnly);
  return match === null || match[0] === '.' ? undefined : { v: match[0], end: at + match[0].length };
}

/** Splits a run of letters without a backslash: a function, a constant, a product of symbols, or a word. */
function letters(run: string, gap: boolean, at: number, math: boolean, tokens: Token[]): void {
  const lower = run.toLowerCase();
  if (functionNames.has(run) || functionNames.has(lower))
    tokens.push({ t: 'cmd', v: functionNames.has(run) ? run : lower, gap, at });
  else if (plainCommands.has(lower)) tokens.push({ t: 'cmd', v: commandAliases[lower] ?? lower, gap, at });
  else if (run.length === 1) tokens.push({ t: 'id', v: run, gap, at });
  else if (lower === 'inf') tokens.push({ t: 'cmd', v: 'infty', gap, at });
  else {
    const glued = /^(sin|cos|tan|cot|sec|csc|ln|log|sqrt)([a-z])$/.exec(run);
    if (glued !== null) {
      tokens.push(
        { t: 'cmd', v: glued[1]!, gap, at },
        { t: 'id', v: glued[2]!, gap: false, at: at + glued[1]!.length },
      );
    } else if (
      math &&
      run.length <= (run === run.toUpperCase() ? 4 : 3) &&
      !(shortWords.has(lower) && (run !== run.toUpperCase() || lower === 'pm' || lower === 'am')) &&
      (run.length === 2 || !/[eiou]/.test(lower) || run === run.toUpperCase())
    ) {
      for (let i = 0; i < run.length; i++) tokens.push({ t: 'id', v: run[i]!, gap: gap && i === 0, at: at + i });
    } else tokens.push({ t: 'text', v: run, gap, at });
  }
}

/**
 * Cleaned text → tokens. Text groups whose content is a number, a symbol or a function's name are read as that; other words stay text.
 * Throws nothing but the spent budget: unknown commands are tokens like any other and fail in the parser.
 */
export function lex(text: string, commas: Commas, budget: Budget, nested: number = 0): Token[] {
  const tokens: Token[] = [];
  const math = mathematical.test(text);
  let depth = 0;
  let gap = false;
  let i = 0;
  const push = (t: Token['t'], v: string, at: number): void => {
    tokens.push({ t, v, gap, at });
    gap = false;
  };
  while (i < text.length) {
    spend(budget, 12);
    const c = text.charCodeAt(i);
    if (c === 32 || c === 10 || c === 9 || c === 13 || c === 126 || c === 96) {
      gap = true;
      i++;
    } else if (isDigit(c) || (c === 46 && isDigit(text.charCodeAt(i + 1)))) {
      const number = numberAt(text, i, depth, commas)!;
      push('num', number.v, i);
      i = number.end;
    } else if (isLetter(c)) {
      let end = i + 1;
      while (end < text.length && isLetter(text.charCodeAt(end))) end++;
      letters(text.slice(i, end), gap, i, math, tokens);
      gap = false;
      i = end;
    } else if (c === 92) i = command(i);
    else {
      const two = text.slice(i, i + 2);
      const op = text[i]!;
      if (
        two === '<=' ||
        two === '>=' ||
        two === '!=' ||
        two === '**' ||
        two === '->' ||
        two === '==' ||
        two === '=>' ||
        two === ':='
      ) {
        push('op', two === '**' ? '^' : two === '==' || two === ':=' ? '=' : two === '=>' ? '->' : two, i);
        i += 2;
      } else {
        if (op === '(' || op === '[' || op === '{') depth++;
        else if (op === ')' || op === ']' || op === '}') depth--;
        if (c > 127 && op !== '¤') push('text', op, i);
        else push('op', op, i);
        i++;
      }
    }
  }
  return tokens;

  /** Reads the command at `at` and returns where the text goes on. */
  function command(at: number): number {
    let end = at + 1;
    while (end < text.length && isLetter(text.charCodeAt(end))) end++;
    if (end === at + 1) {
      const c = text[end] ?? '';
      if (c === '\\') push('op', '\\\\', at);
      else if (c === '{' || c === '}') {
        depth += c === '{' ? 1 : -1;
        push('op', `\\${c}`, at);
      } else if (c === '|') push('op', '\\|', at);
      else if (c === '%' || c === '&') push('op', c, at);
      else gap = true;
      return end + 1;
    }
    const glued = /^q?quad(?=[a-z])/.exec(text.slice(at + 1, end));
    if (glued !== null) end = at + 1 + glued[0].length;
    const raw = text.slice(at + 1, end);
    if (raw === 'begin' || raw === 'end') {
      const open = text.indexOf('{', end);
      if (open < 0 || text.slice(end, open).trim() !== '') return end;
      const name = group(text, open);
      let next = name.end;
      if (raw === 'begin' && name.inner.startsWith('array') && text[next] === '{') next = group(text, next).end;
      push(raw, name.inner.replace('*', ''), at);
      return next;
    }
    if (textCommands.has(raw)) {
      let open = end;
      while (text[open] === ' ') open++;
      if (text[open] === '{') return textGroup(raw, at, open);
      gap = true;
      return end;
    }
    if (spacing.has(raw)) {
      gap = true;
      let next = end;
      if (raw === 'hspace' && text[next] === '{') next = group(text, next).end;
      if ((raw === 'left' || raw === 'right') && text[next] === '.') next++;
      return next;
    }
    const name = commandAliases[raw] ?? raw;
    push(operators.has(name) ? 'op' : 'cmd', name, at);
    return end;
  }

  /** An upright letter straight after a number is a unit, unless it is a constant. */
  function unitAfterNumber(letter: string): boolean {
    return tokens.at(-1)?.t === 'num' && !'eidxyEI'.includes(letter);
  }

  function textGroup(name: string, at: number, open: number): number {
    const { inner, end } = group(text, open);
    spend(budget, inner.length / 4);
    const content = inner
      .replace(/~|\\[,;: !]/g, ' ')
      .trim()
      .replace(/^\{(.*)\}$/, '$1')
      .trim();
    if (content === '') gap = true;
    else if (/^[-\d\s.,:+*/()^%]+$/.test(content) && /\d/.test(content) && content.length < 200) {
      for (const token of lex(content, commas, budget, nested + 1)) tokens.push({ ...token, at });
      gap = false;
    } else if (/^[A-Za-z](?:\s*,\s*[A-Za-z]){1,20}$/.test(content)) {
      for (const c of content) if (c !== ' ') push(c === ',' ? 'op' : 'id', c, at);
    } else if (/^[A-Za-z]$/.test(content) && letterCommands.has(name))
      push(unitAfterNumber(content) ? 'text' : 'id', content, at);
    else if (functionNames.has(content)) push('cmd', content, at);
    else if (content.startsWith('\\') && /^\\[a-z]+$/i.test(content))
      push('cmd', commandAliases[content.slice(1)] ?? content.slice(1), at);
    else if (nested < mostNested && (content.includes('\\') || /[_^=]/.test(content))) {
      for (const token of lex(content, commas, budget, nested + 1)) tokens.push({ ...token, at });
      gap = false;
    } else if (/^[,;]?\s*(?:and|or|und|et|ou)\s*[,;]?$/i.test(content) || content === ',' || content === ';')
      push('op', /[a-z]/i.test(content) ? (/or|ou/i.test(content) ? 'or' : 'and') : content, at);
    else push('text', content.replace(/\s+/g, ' '), at);
    return end;
  }
}

/** Is this token a word that joins items? */
export const connective = (token: Token): 'and' | 'or' | undefined => {
  const v = token.v.toLowerCase();
  if (token.t !== 'text' && !(token.t === 'op' && (v === 'and' || v === 'or'))) return undefined;
  if (!connectives.has(v)) return undefined;
  return v === 'or' || v === 'ou' || v === 'oder' ? 'or' : 'and';
};
