import type { Question, Verdict } from '@svo/mdp';
import { verifyAnswer } from './verdict.ts';

const judge = (question: Question, response: string): Verdict =>
  question.answer === undefined
    ? { equivalent: undefined, how: 'no gold answer' }
    : verifyAnswer(question.answer, response);

/** Judges a response to a GSM8K question: integers and decimals after `####`, "Final Answer:" or in a box. */
export const gsm8kVerifier = (question: Question, response: string): Verdict => judge(question, response);

/** Judges a response to a MATH-like question. */
export const mathVerifier = (question: Question, response: string): Verdict => judge(question, response);

/** Judges a multiple-choice response by its letter. */
export const choiceVerifier = (question: Question, response: string): Verdict => judge(question, response);
