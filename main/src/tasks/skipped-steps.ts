/**
 * The built-in task: sums modulo 7 worked out step by step, by writers who like to skip a step.
 *
 *     2*2+4-1?
 *
 *     2*2=4⏎⏎4+4=3⏎⏎3-1=2⏎⏎Final Answer: 2        every step plain
 *     2*2+4=3⏎⏎3-1=2⏎⏎Final Answer: 2             two operations merged into one step
 *
 * A model that learns from such solutions is nearly always right in a plain step and mostly wrong in a merged one, and it
 * merges as often as its teachers did: it could do every question, and gets most of them wrong. Which habit is at fault?
 * The outcome says it of whole solutions, the credit of a step says it of the step (docs/study.md).
 */
import { integer, type Question, type Rng, uniform } from '@svo/mdp';
import type { StepKind } from './task.ts';
import type { Worked } from './worked.ts';

const modulus = 7;
const operators = ['+', '-', '*'] as const;
type Operator = (typeof operators)[number];

/** How a task is drawn: how many operations a question has, and how often a writer merges two of them. */
export interface SkippedStepsOptions {
  readonly fewest: number;
  readonly most: number;
  /** At each step with two operations or more to go: the probability that the next two become one step. */
  readonly merge: number;
}

const skippedSteps: SkippedStepsOptions = { fewest: 3, most: 5, merge: 0.6 };

/** One operation on the result so far. */
interface Operation {
  readonly operator: Operator;
  readonly operand: number;
}

/** Draws a question and a worked solution as one of the writers would write it. */
export function drawSkippedSteps(rng: Rng, id: string, options: SkippedStepsOptions = skippedSteps): Worked {
  let stream = rng;
  const draw = (count: number): number => {
    const [value, next] = integer(stream, count);
    stream = next;
    return value;
  };
  const first = draw(modulus);
  const operations = Array.from({ length: options.fewest + draw(options.most - options.fewest + 1) }, () => ({
    operator: operators[draw(operators.length)] as Operator,
    operand: 1 + draw(modulus - 1),
  }));
  const solution: string[] = [];
  let result = first;
  for (let at = 0; at < operations.length; ) {
    const [chance, next] = uniform(stream);
    stream = next;
    const taken = operations.slice(at, at + (operations.length - at > 1 && chance < options.merge ? 2 : 1));
    const left = expression(result, taken);
    result = taken.reduce(apply, result);
    solution.push(`${left}=${result}\n\n`);
    at += taken.length;
  }
  const question = { id, prompt: `${expression(first, operations)}?\n\n`, answer: String(result) };
  return { question, solution: [...solution, `Final Answer: ${result}`] };
}

/**
 * Judges the steps of a solution one by one. Each is judged from where the steps before it left off, right or wrong, so
 * that one slip is counted once: a step is right when it takes the result that stands, applies the next operations of the
 * question, and says what comes out.
 */
export function stepKinds({ prompt }: Pick<Question, 'prompt'>, steps: readonly string[]): StepKind[] {
  const { first, operations } = readPrompt(prompt);
  let result = first;
  let at = 0;
  return steps
    .filter((step) => !step.startsWith('Final Answer:'))
    .map((step) => {
      const [left = '', said = ''] = step.trim().split('=');
      const length = left.match(/[-+*]/g)?.length ?? 0;
      const taken = operations.slice(at, at + length);
      const right = length > 0 && taken.length === length && left === expression(result, taken);
      const wanted = right ? taken.reduce(apply, result) : result;
      if (right && /^[0-6]$/.test(said)) {
        at += length;
        result = Number(said);
      }
      const kind = !right ? 'other' : length === 1 ? 'plain' : 'merged';
      return { kind, right: right && said === String(wanted) };
    });
}

function readPrompt(prompt: string): { readonly first: number; readonly operations: readonly Operation[] } {
  const operations = [...prompt.matchAll(/([-+*])(\d)/g)].map(([, operator, operand]) => ({
    operator: operator as Operator,
    operand: Number(operand),
  }));
  return { first: Number(prompt[0]), operations };
}

const expression = (first: number, operations: readonly Operation[]): string =>
  first + operations.map(({ operator, operand }) => operator + operand).join('');

function apply(result: number, { operator, operand }: Operation): number {
  const value = operator === '+' ? result + operand : operator === '-' ? result - operand : result * operand;
  return ((value % modulus) + modulus) % modulus;
}
