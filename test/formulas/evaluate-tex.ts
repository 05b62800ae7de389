/** Computes what aligned TeX says: each line `name &= expression`, in order, by the numbers given for the other symbols. */
import { ComputeEngine } from '@cortex-js/compute-engine';

/** A number for each symbol, by the name the parser gives it: `Delta_w`, `beta`, `V_next` for `V_{t+1}`. */
export type Numbers = Readonly<Record<string, number>>;

/** The lines of an aligned block as name and expression; none for other formulas. */
export function equations(tex: string): (readonly [name: string, expression: string])[] {
  const body = /\\begin\{aligned\}([\s\S]*)\\end\{aligned\}/.exec(tex)?.[1];
  return (body ?? '')
    .split(/\\\\(?:\[\d+pt\])?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name, expression] = line.split('&=');
      return [name!.replaceAll(/\s/g, ''), expression!.trim()] as const;
    });
}

/** Every name a block defines, with its value. */
export function evaluateTex(tex: string, numbers: Numbers): Readonly<Record<string, number>> {
  const values: Record<string, number> = {};
  const known: Record<string, number> = { e: Math.E, ...numbers };
  for (const [name, expression] of equations(tex)) {
    values[name] = evaluate(engine.parse(readable(expression), { form: 'raw' }).json, known);
    known[name.replace('\\', '')] = values[name];
  }
  return values;
}

const engine = new ComputeEngine();

/** Notation the parser does not know, in notation it does. */
const readable = (tex: string): string =>
  tex
    .replaceAll(/\\mathbf\{1\}\[(.*?) < (.*?)\]/g, String.raw`\operatorname{positive}($2 - ($1))`)
    .replaceAll('_{t+1}', '_{next}')
    .replaceAll('_{k-1}', '_{before}');

const operators: Readonly<Record<string, (...numbers: number[]) => number>> = {
  Add: (...terms) => terms.reduce((sum, term) => sum + term, 0),
  Multiply: (...factors) => factors.reduce((product, factor) => product * factor, 1),
  Subtract: (a, b) => a! - b!,
  Negate: (x) => -x!,
  Divide: (a, b) => a! / b!,
  Power: (a, b) => a! ** b!,
  Max: Math.max,
  Min: Math.min,
  Abs: (x) => Math.abs(x!),
  Log: (x) => Math.log(x!),
  Exp: (x) => Math.exp(x!),
  Delimiter: (inner) => inner!,
};

/** Functions of the page, written as a name before a bracket. */
const named: Readonly<Record<string, (x: number) => number>> = {
  sigma: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => Math.log1p(Math.exp(x)),
  positive: (x) => (x > 0 ? 1 : 0),
  sg: (x) => x,
};

function evaluate(json: unknown, numbers: Numbers): number {
  if (typeof json === 'number') return json;
  if (typeof json === 'string') {
    if (numbers[json] === undefined) throw new Error(`no number for ${json}`);
    return numbers[json];
  }
  const [head, ...parts] = json as [string, ...unknown[]];
  if (head === 'InvisibleOperator') return product(parts, numbers);
  if (operators[head] === undefined) throw new Error(`not understood: ${JSON.stringify(json)}`);
  return operators[head](...parts.map((part) => evaluate(part, numbers)));
}

/** Things that stand side by side: factors, or a function's name and its bracket. */
function product(parts: readonly unknown[], numbers: Numbers): number {
  const [first, ...rest] = parts.filter((part) => !(Array.isArray(part) && part[0] === 'HorizontalSpacing'));
  if (first === undefined) return 1;
  const apply = typeof first === 'string' ? named[first] : undefined;
  if (apply === undefined) return evaluate(first, numbers) * product(rest, numbers);
  return apply(evaluate(rest[0], numbers)) * product(rest.slice(1), numbers);
}
