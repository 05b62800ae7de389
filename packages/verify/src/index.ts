export { extractAnswer } from './extract.ts';
export { isEquivalent, verifyAnswer } from './verdict.ts';
export { choiceVerifier, gsm8kVerifier, mathVerifier } from './verifiers.ts';
