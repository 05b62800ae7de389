import type { Failure, Question, State } from '@svo/mdp';
import { isLogp } from '../choices/drawn-tokens.ts';
import { alignTokens, sumByStep } from './align-tokens.ts';

/** The log-probs of a state's steps under a model. */
export interface StepScore {
  /** log π(a_t | s_t) for each step, summed over its tokens, nats; empty when it failed. */
  readonly logps: readonly number[];
  /** Tokens that were scored as part of a step. */
  readonly tokens: number;
  readonly failure?: Failure;
}

/** A state to score, with its question. */
export interface ScoreRequest {
  readonly question: Question;
  readonly state: State;
}

/** Scores given steps: the reference log-probs of a trajectory, or a prior for steps that came from elsewhere. */
export interface StepScorer {
  readonly id: string;
  readonly score: (requests: readonly ScoreRequest[], signal?: AbortSignal) => Promise<readonly StepScore[]>;
}

/** A prompt's tokens as a server gives them back. */
export interface ScoredTokens {
  /** Their spellings; null where a server leaves the first one out. */
  readonly tokens: readonly (string | null)[];
  readonly logps: readonly (number | null)[];
}

/** Sums a prompt's token log-probs by step, or says why they can't be. */
export function stepScore(prompt: string, steps: readonly string[], scored: ScoredTokens): StepScore {
  const fail = (message: string): StepScore => ({ logps: [], tokens: 0, failure: { kind: 'malformed', message } });
  if (scored.tokens.length !== scored.logps.length) {
    return fail(`the reply holds ${scored.tokens.length} tokens and ${scored.logps.length} log-probs`);
  }
  const starts = alignTokens(prompt + steps.join(''), scored.tokens);
  if (starts === undefined) return fail("the reply's tokens do not spell the text that was sent");
  const bounds = [prompt.length];
  for (const step of steps) bounds.push(bounds.at(-1)! + step.length);
  // An end of sequence that is spelled as nothing stands behind the text, in no step.
  const inSteps = starts.flatMap((start, at) =>
    start >= prompt.length && start < bounds.at(-1)! && at > 0 ? [at] : [],
  );
  const bad = inSteps.find((at) => !isLogp(scored.logps[at] ?? null));
  if (bad !== undefined) return fail(`log-prob ${bad} must be a finite number <= 0, got ${scored.logps[bad]}`);
  return { logps: sumByStep(starts, scored.logps, bounds), tokens: inSteps.length };
}

/** The same failure for several requests. */
export function failedScores(count: number, failure: Failure): readonly StepScore[] {
  return Array.from({ length: count }, () => ({ logps: [], tokens: 0, failure }));
}
