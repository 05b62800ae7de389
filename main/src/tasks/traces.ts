/**
 * GSM8K as computation traces: the `<<a+b=c>>` annotations of its own solutions, with every number that is an earlier
 * result replaced by that result's name. What the model has to do is GSM8K's arithmetic, without its English.
 */
import { z } from 'zod';
import { apply, type Computation, type Operand, type Operator, work } from './chains.ts';
import type { Worked } from './worked.ts';

/** With the final answer these are DVO's depth limit of 8 steps. */
const mostComputations = 7;

const rowSchema = z.object({ question: z.string(), answer: z.string() });

/** Why a row can't be used as a trace. Each row has exactly one reason. */
export type Reason =
  | 'not a JSON row with question and answer'
  | 'no annotations'
  | 'more than 7 computations'
  | 'an expression that is not a chain of + - * / over numbers'
  | 'an annotated result that is not what its expression gives'
  | 'the last result is not the answer'
  | 'a repetition of another row';

/** One file's account: rows read = used + the counts of every reason. */
export interface RowCount {
  readonly file: string;
  readonly read: number;
  readonly used: number;
  readonly reasons: Readonly<Partial<Record<Reason, number>>>;
}

export type Row = { readonly worked: Worked } | { readonly reason: Reason };

/** One line of a GSM8K file as a worked question, or the reason it can't be one. */
export function readTrace(line: string, id: string): Row {
  const row = parseRow(line);
  if (!row) return { reason: 'not a JSON row with question and answer' };
  const annotations = [...row.answer.matchAll(/<<([^<>]{1,80})=([^<>=]{1,30})>>/g)];
  if (annotations.length === 0) return { reason: 'no annotations' };
  const chain: Computation[] = [];
  const results: number[] = [];
  for (const [, expression, stated] of annotations) {
    const terms = readExpression(expression!);
    if (!terms) return { reason: 'an expression that is not a chain of + - * / over numbers' };
    const reason = extend(chain, results, terms, toNumber(stated!));
    if (reason) return { reason };
  }
  if (chain.length > mostComputations) return { reason: 'more than 7 computations' };
  const final = toNumber(row.answer.split('####')[1] ?? '');
  if (!near(final, results.at(-1)!)) return { reason: 'the last result is not the answer' };
  return { worked: work(id, chain, results, [chain.length - 1]) };
}

function parseRow(line: string): { question: string; answer: string } | undefined {
  try {
    return rowSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

interface Terms {
  readonly numbers: readonly number[];
  readonly operators: readonly Operator[];
}

/** `100-50-30-15` → its numbers and operators; brackets, percent signs and leading signs are not chains. */
function readExpression(text: string): Terms | undefined {
  const compact = text.replaceAll(/[\s,$]/g, '').replaceAll(/[x×]/g, '*');
  if (!/^(\d+\.?\d*|\.\d+)([-+*/](\d+\.?\d*|\.\d+))+$/.test(compact)) return undefined;
  const numbers = compact.split(/[-+*/]/).map(Number);
  return { numbers, operators: (compact.match(/[-+*/]/g) ?? []) as Operator[] };
}

/**
 * Adds an expression to the chain as single computations, products first, and checks the stated result.
 * `2*3+4*5` becomes three computations, so each step of the solution is one operation.
 */
function extend(chain: Computation[], results: number[], terms: Terms, stated: number): Reason | undefined {
  const known = new Map(results.map((result, index) => [result, index]));
  const operands: Operand[] = terms.numbers.map((number) => {
    const index = known.get(number);
    return index === undefined ? { number } : { result: index };
  });
  const operators = [...terms.operators];
  for (const level of ['*/', '+-']) {
    for (let i = 0; i < operators.length; ) {
      if (!level.includes(operators[i]!)) {
        i++;
        continue;
      }
      const computation = { left: operands[i]!, operator: operators[i]!, right: operands[i + 1]! };
      const value = round(
        apply(computation.operator, number(computation.left, results), number(computation.right, results)),
      );
      if (!Number.isFinite(value)) return 'an annotated result that is not what its expression gives';
      chain.push(computation);
      operands.splice(i, 2, { result: results.push(value) - 1 });
      operators.splice(i, 1);
    }
  }
  return near(stated, results.at(-1)!) ? undefined : 'an annotated result that is not what its expression gives';
}

const number = (operand: Operand, results: readonly number[]): number =>
  'number' in operand ? operand.number : results[operand.result]!;

const toNumber = (text: string): number => {
  const compact = text.replaceAll(/[\s,$%]/g, '');
  return compact === '' ? Number.NaN : Number(compact);
};

/** GSM8K rounds money to cents and writes thirds as .33: a hundredth is the grain of its annotations. */
const round = (value: number): number => Math.round(value * 100) / 100;
const near = (a: number, b: number): boolean => Math.abs(a - b) <= 0.011;
