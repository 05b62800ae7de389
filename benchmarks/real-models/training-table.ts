/** The table of docs/real-models.md that tells what SmolLM2 learned, from its results. */
import { pairedDifference, showAccuracy, showDifference, wilson } from '@svo/recipes';

/** A 1 or a 0 for each unseen question, one text a way of asking. */
export interface Marks {
  readonly greedy: string;
  readonly sampled: string;
}

interface Time {
  readonly seconds: number;
  readonly processor: number;
}

/** `benchmarks/results/real-model-training.json`. */
export interface TrainingResults {
  readonly base: Marks & { readonly asking: Time };
  readonly methods: Readonly<Record<string, Marks & { readonly training: Time; readonly asking: Time }>>;
}

const numbers = (marks: string): number[] => [...marks].map(Number);

const accuracy = (marks: string): string => showAccuracy(wilson(numbers(marks).filter(Boolean).length, marks.length));

const gain = (before: string, after: string): string =>
  showDifference(pairedDifference(numbers(before), numbers(after)));

const minutes = ({ seconds, processor }: Time): string =>
  `${(seconds / 60).toFixed(1)}, ${(processor / 60).toFixed(1)}`;

/** Rows of Markdown: each method with its accuracies, its gains over the base, paired by question, and its minutes. */
export function trainingTable({ base, methods }: TrainingResults): string {
  const rows = Object.entries(methods).map(([name, own]) => {
    const gains = [gain(base.greedy, own.greedy), gain(base.sampled, own.sampled)];
    const shown = name.replace(/^\w+/, (objective) => objective.toUpperCase());
    return [shown, accuracy(own.greedy), gains[0]!, accuracy(own.sampled), gains[1]!, minutes(own.training)];
  });
  const head = ['', 'greedy', 'gain', 'sampled', 'gain', 'minutes, of the processor'];
  const all = [
    head,
    head.map(() => '---'),
    ['base', accuracy(base.greedy), '', accuracy(base.sampled), '', ''],
    ...rows,
  ];
  return all.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
