/** Word problems drawn from a seed: something that a small language model is sometimes right at. */
import { createRng, splitRng, uniforms } from '@svo/mdp';
import type { Tokenizer } from '@svo/models';

/** A problem in words, worked out: a step a text, the answer last, as `blankLineFormat` of `@svo/mdp` cuts them. */
export interface WordProblem {
  readonly text: string;
  readonly steps: readonly string[];
  readonly answer: string;
}

const names = [
  ...['Ann', 'Ben', 'Clara', 'David', 'Emma', 'Frank', 'Grace', 'Henry', 'Ivy', 'Jack', 'Kate', 'Leo', 'Mia', 'Noah'],
  ...['Olivia', 'Paul', 'Rosa', 'Sam', 'Tina', 'Victor'],
];
const things = [
  ...['apples', 'books', 'coins', 'pens', 'cards', 'cookies', 'marbles', 'shells', 'stamps', 'stickers', 'balloons'],
  'candies',
];

/** A question and the sum that answers it. */
const kinds = {
  more: (name: string, thing: string, a: number, b: number) => ({
    text: `${name} has ${a} ${thing} and gets ${b} more. How many ${thing} does ${name} have?`,
    sum: `${a} + ${b}`,
    is: a + b,
  }),
  fewer: (name: string, thing: string, a: number, b: number) => ({
    text: `${name} has ${a + b} ${thing} and gives away ${b}. How many ${thing} does ${name} have?`,
    sum: `${a + b} - ${b}`,
    is: a,
  }),
} as const;
const inTurn = [kinds.more, kinds.fewer];

const at = <Item>(list: readonly Item[], u: number): Item => list[Math.floor(u * list.length)]!;

function drawn([who, what, first, second]: Float64Array, kind: (typeof inTurn)[number]): WordProblem {
  const number = (u: number): number => 2 + Math.floor(8 * u);
  const { text, sum, is } = kind(at(names, who!), at(things, what!), number(first!), number(second!));
  return { text, steps: [`${sum} = ${is}\n\n`, `Final Answer: ${is}`], answer: String(is) };
}

/**
 * `count` different problems, additions and subtractions in turn: the first n of a seed are the same whatever `count` is.
 *
 * @throws RangeError for more than a few thousand: there are not many more
 */
export function wordProblems(count: number, seed: number): WordProblem[] {
  if (!Number.isInteger(count) || count < 1 || count > 3000)
    throw new RangeError(`wordProblems: count must be an integer from 1 to 3000, got ${count}`);
  const rng = splitRng(createRng(seed), 'word problems');
  const problems = new Map<string, WordProblem>();
  for (let i = 0; problems.size < count; i++) {
    const problem = drawn(uniforms(splitRng(rng, i), 4), inTurn[i % inTurn.length]!);
    problems.set(problem.text, problem);
  }
  return [...problems.values()];
}

/** A problem behind two that are solved, one of each kind: a base goes on in the same form, and ends where they end. */
export function asked({ endIds, decode }: Tokenizer, { text }: Pick<WordProblem, 'text'>): string {
  const end = decode(endIds.slice(0, 1), { keepSpecialTokens: true });
  const solved = wordProblems(2, 99).map((one) => `${one.text}\n\n${one.steps.join('')}${end}\n`);
  return `${solved.join('')}${text}\n\n`;
}
