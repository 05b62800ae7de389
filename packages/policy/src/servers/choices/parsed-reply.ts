import type { Failure } from '@svo/mdp';
import type { RawChoice } from './raw-choice.ts';

/** What a reply holds: its choices, those that could not be read, and what it cost. */
export interface ParsedReply {
  readonly choices: readonly RawChoice[];
  /** What was wrong with each choice that could not be read. */
  readonly problems: readonly string[];
  /** Whether some of those came mixed with one another, under one index. */
  readonly isMixed?: boolean;
  readonly promptTokens: number;
  readonly completionTokens: number | undefined;
  /** An error that came beside the choices: why those that are missing are. */
  readonly failure?: Failure;
}
