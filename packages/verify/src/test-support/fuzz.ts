/**
 * Inputs nobody would write by hand: expressions printed in two styles, known answers with characters changed, and soups of the tokens
 * that parsers stumble over. Case n is the same on every machine.
 */

export interface FuzzCase {
  readonly gold: string;
  readonly prediction: string;
  /** What has to hold: `true` must not be called wrong, `false` must not be called right; undefined: anything but a throw. */
  readonly expected: boolean | undefined;
}

/** A stream of numbers in [0, 1) from a seed (mulberry32). */
export function stream(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Draw = () => number;
const below = (draw: Draw, n: number): number => Math.floor(draw() * n);
const pick = <T>(draw: Draw, items: readonly T[]): T => items[below(draw, items.length)]!;

type Expression =
  | { readonly k: 'int'; readonly n: number }
  | { readonly k: 'sym'; readonly name: string }
  | { readonly k: 'op'; readonly op: '+' | '-' | '*' | '/' | '^'; readonly a: Expression; readonly b: Expression }
  | { readonly k: 'fn'; readonly name: 'sqrt' | 'sin' | 'cos' | 'ln'; readonly a: Expression };

function expression(draw: Draw, depth: number): Expression {
  const roll = draw();
  if (depth === 0 || roll < 0.25)
    return draw() < 0.6 ? { k: 'int', n: 1 + below(draw, 12) } : { k: 'sym', name: pick(draw, ['x', 'y', 'n', 'a']) };
  if (roll < 0.85) {
    const op = pick(draw, ['+', '-', '*', '/', '^'] as const);
    return {
      k: 'op',
      op,
      a: expression(draw, depth - 1),
      b: op === '^' ? { k: 'int', n: 1 + below(draw, 4) } : expression(draw, depth - 1),
    };
  }
  return { k: 'fn', name: pick(draw, ['sqrt', 'sin', 'cos', 'ln'] as const), a: expression(draw, depth - 1) };
}

/** LaTeX or plain text for the same expression, with the order of sums and products turned at will. */
function print(draw: Draw, e: Expression, latex: boolean): string {
  const space = draw() < 0.3 ? ' ' : '';
  const show = (x: Expression): string => print(draw, x, latex);
  const wrapped = (x: Expression): string =>
    x.k === 'op' || (x.k === 'int' && x.n < 0)
      ? latex && draw() < 0.5
        ? `\\left(${show(x)}\\right)`
        : `(${show(x)})`
      : show(x);
  if (e.k === 'int') return String(e.n);
  if (e.k === 'sym') return e.name;
  if (e.k === 'fn')
    return latex
      ? e.name === 'sqrt'
        ? `\\sqrt{${show(e.a)}}`
        : `\\${e.name}(${show(e.a)})`
      : `${e.name}(${show(e.a)})`;
  const turned = draw() < 0.4;
  if (e.op === '+')
    return turned
      ? `${wrapped(e.b)}${space}+${space}${wrapped(e.a)}`
      : `${wrapped(e.a)}${space}+${space}${wrapped(e.b)}`;
  if (e.op === '-') return `${wrapped(e.a)}${space}-${space}${wrapped(e.b)}`;
  if (e.op === '*') {
    const sign = latex ? pick(draw, [' \\cdot ', ' \\times ']) : '*';
    return turned ? `${wrapped(e.b)}${sign}${wrapped(e.a)}` : `${wrapped(e.a)}${sign}${wrapped(e.b)}`;
  }
  if (e.op === '/')
    return latex
      ? `\\${pick(draw, ['frac', 'dfrac', 'tfrac'])}{${show(e.a)}}{${show(e.b)}}`
      : `(${show(e.a)})/(${show(e.b)})`;
  return latex ? `{${wrapped(e.a)}}^{${show(e.b)}}` : `(${show(e.a)})^${show(e.b)}`;
}

const corpus: readonly string[] = [
  '\\frac{1}{2}',
  '(-\\infty,-5]\\cup(1,2)',
  '\\{x|-2<x<3\\}',
  '1 \\pm \\sqrt{19}',
  '\\begin{pmatrix} 1 & 2\\\\ 3&4 \\end{pmatrix}',
  'x = 1 \\text{ or } x = 4',
  '204_5',
  '3:45 PM',
  '\\$1,250.50',
  '25\\%',
  "60^\\circ 42'",
  'The answer is \\boxed{7} and \\boxed{8}.',
  '#### 1,234',
  'Final Answer: $x^2+1$',
  'f(x)=\\sin^2 x+\\log_2 8',
  '\\sum_{k=1}^{n} k^2',
  '5 \\text{ cm}^2',
  '(x,y)=(2,3)',
  '2x+4y-3=0',
  '-4<m\\leq0',
  '1,2,\\ldots,n',
  '3.2\\times10^{5}',
  '\\lfloor n/2\\rfloor',
  '0.1\\overline{36}',
  'a_{n+1}',
  '<answer>12</answer>',
  "f'(x)",
  '|x-2| \\le 5',
  '\\sqrt[3]{2}',
  'no solution',
  '\\binom{5}{2}',
  '{3 \\over 4}',
];

const tokens: readonly string[] = [
  '\\frac',
  '\\sqrt',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '|',
  '^',
  '_',
  '$',
  '$$',
  '\\(',
  '\\)',
  '\\[',
  '\\]',
  '\\boxed{',
  '\\text{',
  '\\left',
  '\\right',
  '\\{',
  '\\}',
  '\\begin{pmatrix}',
  '\\end{pmatrix}',
  '\\begin{array}{cc}',
  '\\\\',
  '&',
  ',',
  ';',
  ':',
  '=',
  '<',
  '\\le',
  '\\in',
  '\\cup',
  '\\pm',
  '\\infty',
  '\\sum_{k=1}^',
  '\\log_',
  '\\sin',
  '!',
  '%',
  '°',
  '½',
  '×',
  '√',
  '−',
  '\\ldots',
  '...',
  ' and ',
  ' or ',
  '9',
  '10',
  '0.5',
  '1,000',
  '1e9',
  'x',
  'y',
  'i',
  'e',
  'π',
  'f(',
  '\\pi',
  '#### ',
  'Final Answer: ',
  '\\overline{',
  "'",
  '\\circ',
  '\t',
  '\f',
  '\n',
  '中',
  '\u{1f600}',
  '\ud800',
  '__proto__',
  'constructor',
  '**',
  '~',
  '\\',
  '<answer>',
  '</think>',
  '\\setminus',
  '\\mathbb{R}',
  'cm',
  'PM',
  '12:30',
];

function mutate(draw: Draw, text: string): string {
  let out = text;
  for (let edits = 1 + below(draw, 6); edits > 0; edits--) {
    const at = below(draw, out.length + 1);
    const roll = draw();
    if (roll < 0.3) out = out.slice(0, at) + out.slice(at + 1 + below(draw, 3));
    else if (roll < 0.6) out = out.slice(0, at) + pick(draw, tokens) + out.slice(at);
    else if (roll < 0.75) out = out.slice(0, at) + out.slice(Math.max(0, at - below(draw, 12)));
    else if (roll < 0.9) out = out.slice(0, at) + pick(draw, corpus) + out.slice(at);
    else out += pick(draw, tokens).repeat(1 + below(draw, 40));
    if (out.length > 3000) out = out.slice(0, 3000);
  }
  return out;
}

function soup(draw: Draw): string {
  let out = '';
  for (let n = 1 + below(draw, 40); n > 0; n--)
    out += pick(draw, tokens).repeat(draw() < 0.05 ? 1 + below(draw, 200) : 1);
  return out;
}

/** Case n of the stream that a seed begins. */
export function fuzzCase(seed: number, n: number): FuzzCase {
  const draw = stream(Math.imul(seed + 1, 0x85ebca6b) ^ Math.imul(n + 1, 0xc2b2ae35));
  const roll = draw();
  if (roll < 0.3) {
    const e = expression(draw, 1 + below(draw, 4));
    const gold = print(draw, e, true);
    if (draw() < 0.5) return { gold, prediction: print(draw, e, draw() < 0.5), expected: true };
    return {
      gold,
      prediction: print(draw, { k: 'op', op: '+', a: e, b: { k: 'int', n: 1 + below(draw, 5) } }, draw() < 0.5),
      expected: false,
    };
  }
  if (roll < 0.7) {
    const gold = pick(draw, corpus);
    return {
      gold: draw() < 0.7 ? gold : mutate(draw, gold),
      prediction: mutate(draw, pick(draw, corpus)),
      expected: undefined,
    };
  }
  return { gold: draw() < 0.5 ? pick(draw, corpus) : soup(draw), prediction: soup(draw), expected: undefined };
}
