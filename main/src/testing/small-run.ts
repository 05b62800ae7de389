/** The main job on a recipe so small that a test can run it several times: `node small-run.ts --out DIR [options]`. */
import { parseOptions } from '../options.ts';
import { type Recipe, recipe } from '../recipe.ts';
import { runJob } from '../run.ts';

/** Learns too little to be right often; every stage and every file is the same as in the full job. */
export const smallRecipe: Recipe = {
  ...recipe,
  sft: { ...recipe.sft, solutions: 2000, updates: 400, batchSize: 24 },
  updatesBetweenCheckpoints: 4,
  training: Object.fromEntries(
    Object.entries(recipe.training).map(([name, training]) => [name, { ...training, epochs: 2, batchSize: 2 }]),
  ) as Recipe['training'],
};

if (process.argv[1] === import.meta.filename) {
  const options = parseOptions([
    ...['--questions', '60', '--rounds', '2', '--iterations', '12', '--test-questions', '20', '--backend', 'wasm'],
    ...process.argv.slice(2),
  ]);
  if (options !== 'help') await runJob(options, process.stdout, smallRecipe);
  process.exit(0);
}
