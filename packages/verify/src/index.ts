export { type AnswerKind, type ExtractOptions, extractAnswer } from './extracting/extract-answer.ts';
export type { VerifyOptions } from './options.ts';
export { countdownVerifier } from './puzzles/countdown.ts';
export { isEquivalent, verifyAnswer } from './verdict.ts';
export { answerVerifier, choiceVerifier, gsm8kVerifier, mathVerifier } from './verifiers.ts';
