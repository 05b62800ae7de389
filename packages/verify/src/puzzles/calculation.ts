import type { Budget } from '../budget.ts';
import { add, divide, integer, multiply, negate, type Rational } from '../numbers/rational.ts';

/** A calculation as it was written: its value, where it has one, and the numbers it uses, in their order. */
export interface Calculation {
  /** Nothing where it divides by zero. */
  readonly value: Rational | undefined;
  readonly numbers: readonly bigint[];
}

/** Longest calculation that is read, in UTF-16 units; what is nested is bounded by it. */
export const longestCalculation: number = 500;

const token = /\s*(\d+|[-+*/()]|\\frac)/y;

/**
 * Reads whole numbers, `+ - * /` and brackets, and nothing else: no sign in front of a number, no power, no decimal point. Exact, by rational
 * arithmetic.
 *
 * @returns nothing where the text is anything else
 */
export function readCalculation(text: string, budget: Budget): Calculation | undefined {
  if (text.length > longestCalculation) return undefined;
  const tokens = tokensOf(text);
  if (tokens === undefined) return undefined;
  let at = 0;
  const numbers: bigint[] = [];

  /** A value, or nothing where zero divided; `unreadable` ends the reading. */
  const sum = (): Rational | undefined => {
    let left = product();
    while (tokens[at] === '+' || tokens[at] === '-') {
      const minus = tokens[at++] === '-';
      const right = product();
      left = left && right && add(left, minus ? negate(right) : right, budget);
    }
    return left;
  };
  const product = (): Rational | undefined => {
    let left = operand();
    while (tokens[at] === '*' || tokens[at] === '/') {
      const by = tokens[at++] === '*' ? multiply : divide;
      const right = operand();
      left = left && right && by(left, right, budget);
    }
    return left;
  };
  const operand = (): Rational | undefined => {
    const next = tokens[at++];
    if (next === '\\frac') {
      const [above, below] = [operand(), operand()];
      return above && below && divide(above, below, budget);
    }
    if (next === '(') {
      const inner = sum();
      if (tokens[at++] !== ')') throw unreadable;
      return inner;
    }
    if (next === undefined || !/^\d/.test(next)) throw unreadable;
    numbers.push(BigInt(next));
    return integer(BigInt(next));
  };

  try {
    const value = sum();
    return at === tokens.length ? { value, numbers } : undefined;
  } catch (error) {
    if (error === unreadable) return undefined;
    throw error;
  }
}

const unreadable = new Error('unreadable');

/** Signs as people and TeX write them. */
function tokensOf(text: string): readonly string[] | undefined {
  const plain = text
    .replace(/\\(?:left|right|displaystyle)(?![a-zA-Z])|\\[,;:! ]|\$/g, ' ')
    .replace(/\\[dt]frac(?![a-zA-Z])/g, '\\frac')
    .replace(/\\(?:times|cdot|ast)(?![a-zA-Z])|[×·∗⋅]|(?<=[\d)\s])[xX](?=[\d(\s])/g, '*')
    .replace(/\\div(?![a-zA-Z])|[÷∕]/g, '/')
    .replace(/[−–]/g, '-')
    .replace(/[[{]/g, '(')
    .replace(/[\]}]/g, ')')
    .trim();
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < plain.length) {
    const match = token.exec(plain);
    if (match === null) return undefined;
    tokens.push(match[1]!);
  }
  return tokens;
}
