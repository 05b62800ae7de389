/**
 * The built-in task: chains of arithmetic as GSM8K's solutions compute them. A question defines named results, each
 * from numbers and earlier results; the solution works them out one step at a time and ends with `Final Answer:`.
 *
 *     a=3*4;b=a-5;c=a+b;d=c-9;a,b,c,d?
 *
 *     3*4=12⏎⏎12-5=7⏎⏎12+7=19⏎⏎19-9=10⏎⏎Final Answer: (12, 7, 19, 10)
 *
 * The numbers are small, so what goes wrong is mostly which earlier result a step takes: a slip of reasoning, which search
 * can find and training mend, and not a fact that was never learned. The answer is every result, not the last alone: of
 * the solutions that a check of the last number called right, six in ten had a false equation in them (docs/log.md).
 */
import type { Rng } from '@svo/mdp';
import { integer } from '@svo/mdp';
import type { Worked } from './worked.ts';

/** One computation: `left operator right`, where a side is a number or the index of an earlier result. */
export interface Computation {
  readonly left: Operand;
  readonly operator: Operator;
  readonly right: Operand;
}
export type Operand = { readonly number: number } | { readonly result: number };
export type Operator = '+' | '-' | '*' | '/';

export const names = 'abcdefgh';
const largestNumber = 9;
const largestResult = 30;

/** Draws one question. Every result is a whole number from 1 to 30, and all of them together are the answer. */
export function drawChain(rng: Rng, id: string): Worked {
  const draw = drawer(rng);
  for (;;) {
    const worked = attemptChain(draw, id);
    if (worked) return worked;
  }
}

/** A chain as it is drawn, or nothing if a result is not a whole number in range: about one draw in twenty is a question. */
function attemptChain(draw: Draw, id: string): Worked | undefined {
  const count = draw(4, 6);
  const chain: Computation[] = [];
  const results: number[] = [];
  for (let i = 0; i < count; i++) {
    const computation = drawComputation(i, draw);
    const { left, operator, right } = computation;
    const result = apply(operator, numberOf(left, results), numberOf(right, results));
    if (!Number.isInteger(result) || result < 1 || result > largestResult) return undefined;
    chain.push(computation);
    results.push(result);
  }
  return work(
    id,
    chain,
    results,
    results.map((_, i) => i),
  );
}

/** The i-th computation. Products and quotients are by a number: those of two results would hardly ever stay small and whole. */
function drawComputation(i: number, draw: Draw): Computation {
  const operator = (['+', '+', '-', '-', '*', '/'] as const)[draw(0, 5)]!;
  const left: Operand = i === 0 ? { number: draw(2, largestNumber) } : { result: earlier(i, draw) };
  const additive = operator === '+' || operator === '-';
  const reuse = additive && i > 1 && draw(0, 1) === 1;
  return { left, operator, right: reuse ? { result: draw(0, i - 2) } : { number: draw(2, largestNumber) } };
}

/** Half of the time the result just before, half of the time any earlier one: what came long ago is needed again. */
function earlier(i: number, draw: Draw): number {
  return draw(0, 1) === 1 ? i - 1 : draw(0, i - 1);
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
type Draw = (low: number, high: number) => number;

function drawer(rng: Rng): Draw {
  let stream = rng;
  return (low, high) => {
    const [value, next] = integer(stream, high - low + 1);
    stream = next;
    return low + value;
  };
}
