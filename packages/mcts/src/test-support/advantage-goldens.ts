/** Numbers of public implementations that were run (golden/advantages.json says which), and trees from lists of responses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { svpoSearch } from '../rules/presets.ts';
import { uniformPrior } from '../rules/prior.ts';
import { ask } from '../search/ask/ask.ts';
import { tell } from '../search/tell/tell.ts';
import { stateOf } from '../tree/path.ts';
import { createTree, type Tree } from '../tree/tree.ts';
import { prefixTree } from '../values/prefix-tree.ts';

/** One run of one implementation. */
export interface AdvantageGolden {
  readonly source: string;
  readonly function: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly rewards: readonly number[];
  /** Of every response of a question, one reward a step. */
  readonly groups: readonly (readonly number[])[];
  readonly values: readonly number[];
  readonly shaped: readonly number[];
  readonly advantages: readonly number[];
  readonly responses: readonly (readonly string[])[];
  /** Of every response, one number a step. */
  readonly paths: readonly (readonly number[])[];
  readonly edges: readonly {
    readonly prefix: string;
    readonly step: string;
    readonly advantage: number;
    readonly prover: number;
  }[];
}

const all: readonly AdvantageGolden[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'golden', 'advantages.json'), 'utf8'),
);

/** The runs that stand for a function, by source. */
export const goldensOf = (name: string): [string, AdvantageGolden][] =>
  all.filter((golden) => golden.function === name).map((golden, k) => [`${k}: ${golden.source}`, golden]);

const question = { id: 'q', prompt: '?', answer: '1' };
const verifier = (_: unknown, response: string) => ({ equivalent: response.endsWith('1'), how: 'end' });

/** Independent draws as a tree: rewards of ±1, right where the last step is '1'. */
export const fromDraws = (responses: readonly (readonly string[])[]): Tree =>
  prefixTree(
    question,
    responses.map((steps) => ({ steps, finished: true })),
    { verifier, shrink: false },
  );

/** The same responses as one search: every inner step drawn once where it begins, every ending as often as it is listed. */
export function fromSearch(responses: readonly (readonly string[])[]): Tree {
  const rules = svpoSearch({ verifier, prior: uniformPrior, breadth: 100, depth: 100, iterations: 1e6 });
  const tree = createTree(question);
  for (let leaf = ask(tree, rules); leaf !== undefined; leaf = ask(tree, rules)) {
    const { steps } = stateOf(tree, leaf);
    const below = responses.filter((response) => steps.every((step, t) => response[t] === step));
    const going = below.filter(({ length }) => length > steps.length + 1).map((response) => response[steps.length]!);
    const ending = below.filter(({ length }) => length === steps.length + 1).map((response) => response.at(-1)!);
    tell(tree, rules, leaf, [
      ...[...new Set(going)].map((text) => ({ text, count: 1, finish: 'step' as const })),
      ...ending.map((text) => ({ text, count: 1, finish: 'answer' as const })),
    ]);
  }
  return tree;
}
