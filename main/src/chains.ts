/**
 * The built-in task: chains of arithmetic as GSM8K's solutions compute them. A question defines named results, each
 * from numbers and earlier results; the solution works them out one step at a time and ends with `Final Answer:`.
 *
 *     a=14*6;b=a-3;c=b/9;a,b,c?
 *
 *     14*6=84⏎⏎84-3=81⏎⏎81/9=9⏎⏎Final Answer: (84, 81, 9)
 *
 * It asks for every result, not the last alone: a model that is half sure of its sums often ends right after a wrong step,
 * and of the solutions that a check of the last number called right, six in ten had a false equation in them (docs/log.md).
 */
import type { Question, Rng } from '@svo/mdp';
import { integer, splitRng } from '@svo/mdp';

/** A question and its worked solution, step by step, delimiters included. */
export interface Worked {
  readonly question: Question;
  readonly solution: readonly string[];
}

/** One computation: `left operator right`, where a side is a number or the index of an earlier result. */
export interface Computation {
  readonly left: Operand;
  readonly operator: Operator;
  readonly right: Operand;
}
export type Operand = { readonly number: number } | { readonly result: number };
export type Operator = '+' | '-' | '*' | '/';

export const names = 'abcdefgh';
const largestNumber = 20;
const largestResult = 99;

/** Draws one question. Every result is a whole number from 1 to 99, and all of them together are the answer. */
export function drawChain(rng: Rng, id: string): Worked {
  for (let attempt = 0; ; attempt++) {
    const worked = attemptChain(splitRng(rng, attempt), id);
    if (worked) return worked;
  }
}

function attemptChain(rng: Rng, id: string): Worked | undefined {
  const draw = drawer(rng);
  const count = draw(2, 4);
  const chain: Computation[] = [];
  const results: number[] = [];
  for (let i = 0; i < count; i++) {
    const operator = (['+', '+', '-', '-', '*', '/'] as const)[draw(0, 5)]!;
    const left: Operand = i === 0 ? { number: draw(2, largestNumber) } : { result: earlier(i, count, draw) };
    const small = operator === '*' || operator === '/';
    const reuse = !small && i > 1 && draw(1, 10) <= 3;
    const right: Operand = reuse ? { result: draw(0, i - 2) } : { number: draw(2, small ? 9 : largestNumber) };
    const result = apply(operator, numberOf(left, results), numberOf(right, results));
    if (!Number.isInteger(result) || result < 1 || result > largestResult) return undefined;
    chain.push({ left, operator, right });
    results.push(result);
  }
  return work(
    id,
    chain,
    results,
    results.map((_, i) => i),
  );
}

/** Mostly the result just before; sometimes an older one. The last step always uses the one before it. */
function earlier(i: number, count: number, draw: (low: number, high: number) => number): number {
  return i === count - 1 || draw(1, 4) > 1 ? i - 1 : draw(0, i - 1);
}

/** A chain of computations as prompt and solution; the question asks for `asked`, indices of results. */
export function work(
  id: string,
  chain: readonly Computation[],
  results: readonly number[],
  asked: readonly number[],
): Worked {
  const defined = chain.map(({ left, operator, right }, i) => `${names[i]!}=${name(left)}${operator}${name(right)}`);
  const steps = chain.map(({ left, operator, right }, i) => {
    const number = (operand: Operand) => numberOf(operand, results);
    return `${number(left)}${operator}${number(right)}=${results[i]}\n\n`;
  });
  const values = asked.map((i) => results[i]!);
  const answer = values.length === 1 ? String(values[0]) : `(${values.join(', ')})`;
  return {
    question: { id, prompt: `${defined.join(';')};${asked.map((i) => names[i]!).join(',')}?\n\n`, answer },
    solution: [...steps, `Final Answer: ${answer}`],
  };
}

export function apply(operator: Operator, left: number, right: number): number {
  if (operator === '+') return left + right;
  if (operator === '-') return left - right;
  return operator === '*' ? left * right : left / right;
}

const name = (operand: Operand): string => ('number' in operand ? String(operand.number) : names[operand.result]!);
const numberOf = (operand: Operand, results: readonly number[]): number =>
  'number' in operand ? operand.number : results[operand.result]!;

/** Whole numbers from `low` to `high`, one after another from one stream. */
function drawer(rng: Rng): (low: number, high: number) => number {
  let stream = rng;
  return (low, high) => {
    const [value, next] = integer(stream, high - low + 1);
    stream = next;
    return low + value;
  };
}
