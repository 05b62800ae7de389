export type { AnswerKind, ExtractOptions } from './extract.ts';
export { extractAnswer } from './extract.ts';
export type { VerifyOptions } from './options.ts';
export { isEquivalent, verifyAnswer } from './verdict.ts';
export { answerVerifier, choiceVerifier, gsm8kVerifier, mathVerifier } from './verifiers.ts';
