import type { SearchPlan } from '../plans/search-plan.ts';
import { treesTogether } from '../stages/together.ts';
import { formatIn } from './format-parts.ts';
import { policyLines } from './model-parts.ts';

/** The lines that make `trees` of `questions`. */
export function searchLines(plan: SearchPlan, id: string, priors: boolean): string[] {
  const { place, server, format, search, seed, questions } = plan;
  const { iterations, breadth, depth, draws, temperature, stepTokens } = search;
  const { system } = questions.prompt;
  const name = formatIn(format);
  if (search.from === 'draws')
    return [
      ...policyLines({ place, server, format: 'wholeFormat', temperature, maxTokens: depth * stepTokens, id, system }),
      'const trees = [];',
      `const drawing = { policy, questions, verifier, draws: ${draws}, format: ${name}, seed: ${seed}${place.kind === 'openai' ? '' : place.kind === 'tinker' ? ', tokenizer' : ', tokenizer: learner.tokenizer'} };`,
      'for await (const tree of drawTrees(drawing)) trees.push(tree);',
    ];
  return [
    ...policyLines({ place, server, format: name, temperature, maxTokens: stepTokens, id, system }),
    `const rules = dvoSearch({ verifier, iterations: ${iterations}, breadth: ${breadth}, depth: ${depth}${priors ? '' : ', prior: uniformPrior'} });`,
    'const grown = [];',
    `for await (const record of searchMany({ questions, policy, rules, seed: ${seed}, trees: ${treesTogether} })) {`,
    "  if (record.kind === 'tree') grown[record.index] = record.tree;",
    '}',
    'const trees = grown.filter((tree) => !treeSummary(tree).failed);',
  ];
}
