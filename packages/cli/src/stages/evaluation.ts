import { appendFileSync } from 'node:fs';
import type { Policy, Question, Verifier } from '@svo/mdp';
import { type Accuracy, answerQuestions, wilson } from '@svo/recipes';
import { files, type RunFolder } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';

/** A line of the answers: a question with every response to it. */
export interface AnswerLine {
  readonly id: string;
  readonly prompt: string;
  readonly answer?: string;
  readonly responses: readonly {
    readonly response: string;
    readonly count: number;
    readonly right?: boolean | undefined;
    readonly finished: boolean;
  }[];
  readonly lost: number;
}

/** What a model came to on some questions. */
export interface Score extends Accuracy {
  readonly questions: number;
  /** Responses that were judged, and those that were right, undecided, cut off, and lost on the way. */
  readonly responses: number;
  readonly right: number;
  readonly undecided: number;
  readonly cut: number;
  readonly lost: number;
}

/** Who is measured on what. */
export interface Measuring {
  readonly stage: string;
  readonly policy: Policy;
  readonly questions: readonly Question[];
  readonly verifier: Verifier;
  readonly samples: number;
  readonly together: number;
  readonly seed: number;
}

/** Answers every question, judged and written as they come; a measurement that was stopped goes on behind its last whole line. */
export async function evaluate(run: RunFolder, shell: Shell, measuring: Measuring): Promise<Score> {
  const { stage, questions, ...asked } = measuring;
  const file = files.answers(stage);
  const lines = await answersSoFar(run, file);
  const missing = questions.slice(lines.length);
  const bar = shell.bar(stage, 'questions');
  bar.start(questions.length, lines.length);
  for await (const { question, answers, lost } of answerQuestions({
    ...asked,
    questions: missing,
    signal: shell.signal,
  })) {
    const line: AnswerLine = { ...question, responses: answers, lost };
    appendFileSync(run.path(file), `${JSON.stringify(line)}\n`);
    lines.push(line);
    bar.update(lines.length, { right: scoreOf(lines).accuracy });
  }
  bar.stop();
  shell.signal.throwIfAborted();
  return scoreOf(lines);
}

/** Shares over responses: a response that was lost is in none of them. */
export function scoreOf(lines: readonly AnswerLine[]): Score {
  const all = lines.flatMap(({ responses }) => responses);
  const sum = (some: typeof all): number => some.reduce((total, { count }) => total + count, 0);
  const right = sum(all.filter((one) => one.right === true));
  return {
    ...wilson(right, sum(all)),
    ...{ questions: lines.length, responses: sum(all), right },
    undecided: sum(all.filter((one) => one.right === undefined)),
    cut: sum(all.filter(({ finished }) => !finished)),
    lost: lines.reduce((total, { lost }) => total + lost, 0),
  };
}

/** The whole lines of a measurement that was stopped; half a line at the end is cut off. */
async function answersSoFar(run: RunFolder, file: string): Promise<AnswerLine[]> {
  if (!run.has(file)) {
    await run.write(file, '');
    return [];
  }
  const text = run.readText(file);
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) await run.write(file, whole);
  return whole
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as AnswerLine);
}
