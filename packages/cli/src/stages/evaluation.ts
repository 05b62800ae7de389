import { appendFileSync } from 'node:fs';
import { type Question, type Verifier, wholeFormat } from '@svo/mdp';
import { type Accuracy, type Answered, answerQuestions, wilson } from '@svo/recipes';
import { otherRun } from '../errors.ts';
import type { OpenedModel } from '../models/open-policy.ts';
import { type EvalPlan, togetherOf } from '../plans/eval-plan.ts';
import { jsonLines, wholeLines } from '../shell/json-lines.ts';
import { files, type RunFolder } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';
import { differenceOfQuestion } from './trees-so-far.ts';

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

/** What is asked, and by whom each question is answered, in their order. */
interface Measuring {
  readonly stage: string;
  readonly questions: readonly Question[];
  readonly answers: (questions: readonly Question[]) => AsyncIterable<Answered>;
}

/** Which model is measured, and how. */
export interface Measured {
  readonly stage: string;
  readonly model: OpenedModel;
  readonly questions: readonly Question[];
  readonly verifier: Verifier;
  readonly evaluation: EvalPlan['evaluation'];
  readonly seed: number;
}

/** Answers every question, judged and written as they come; a measurement that was stopped goes on behind its last whole line. */
export async function evaluate(run: RunFolder, shell: Shell, measuring: Measuring): Promise<Score> {
  const { stage, questions, answers: answering } = measuring;
  const file = files.answers(stage);
  const lines = await answersSoFar(run, file);
  for (const [i, line] of lines.entries()) assertAnswers(run.path(file), i, line, questions[i]);
  const missing = questions.slice(lines.length);
  // Counted on as answers come: summing all of them up after every question would be quadratic.
  let { right, responses } = scoreOf(lines);
  const bar = shell.bar(stage, 'questions');
  bar.start(questions.length, lines.length);
  for await (const { question, answers, lost } of answering(missing)) {
    const line: AnswerLine = { ...question, responses: answers, lost };
    appendFileSync(run.path(file), `${JSON.stringify(line)}\n`);
    lines.push(line);
    for (const one of answers) {
      responses += one.count;
      if (one.right === true) right += one.count;
    }
    bar.update(lines.length, { right: wilson(right, responses).accuracy });
  }
  bar.stop();
  shell.signal.throwIfAborted();
  return scoreOf(lines);
}

/** A model's or a server's whole responses to questions, measured. */
export function measure(run: RunFolder, shell: Shell, measured: Measured): Promise<Score> {
  const { stage, model, evaluation, questions: all, verifier, seed } = measured;
  const { samples, temperature, maxTokens } = evaluation;
  const policy = model.policy({ format: wholeFormat, temperature, maxTokens, id: stage });
  const asked = { policy, verifier, samples, together: togetherOf(samples), seed, signal: shell.signal };
  return evaluate(run, shell, {
    stage,
    questions: all,
    answers: (questions) => answerQuestions({ ...asked, questions }),
  });
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

/** @throws UsageError for a line of an interrupted measurement that answers another question than is there now */
function assertAnswers(path: string, at: number, line: AnswerLine, question: Question | undefined): void {
  const difference =
    question === undefined ? 'there is no such question any more' : differenceOfQuestion(line, question);
  if (difference === undefined) return;
  throw otherRun(`${path}, line ${at + 1}: ${difference}`);
}

/** The whole lines of a measurement that was stopped; half a line at the end is cut off. */
async function answersSoFar(run: RunFolder, file: string): Promise<AnswerLine[]> {
  if (!run.has(file)) {
    await run.write(file, '');
    return [];
  }
  const text = run.readText(file);
  const whole = wholeLines(text);
  if (whole.length < text.length) await run.write(file, whole);
  return jsonLines(whole);
}
