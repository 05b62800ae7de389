import { hasPriors } from '../models/priors.ts';
import type { SearchPlan } from '../plans/search-plan.ts';
import { imports } from './imports.ts';
import { literal } from './literal.ts';
import { closeLines, modelLines, questionLines, renderLines, verifierLines } from './model-parts.ts';
import { searchLines } from './search-parts.ts';

/** The program that `svo search` is, over the packages. */
export function searchCode(plan: SearchPlan): string {
  const { place, questions, verifier, server, seed, engine, out } = plan;
  const body = [
    ...modelLines({ place, server, engine }),
    ...verifierLines(verifier, questions.task),
    ...renderLines(questions, place),
    ...questionLines(questions, place),
    ...searchLines(plan, 'search', hasPriors(plan)),
    `const { trajectories } = treeMaterial(trees, { seed: ${seed} });`,
    `await writeRows(${literal(`${out}/rows-search.jsonl`)}, trajectories.map((trajectory) => toTrlRow(trajectory)));`,
    'console.log(JSON.stringify({ trees: trees.length, rows: trajectories.length }));',
    ...closeLines(place),
  ].join('\n');
  return `${imports(body)}\n${body}\n`;
}
