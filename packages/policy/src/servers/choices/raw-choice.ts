import type { Failure, StepFormat } from '@svo/mdp';
import type { SpelledToken } from './token-span.ts';

/** One choice of a reply, whichever protocol it came by. */
export interface RawChoice {
  readonly index: number;
  readonly text: string;
  /** The server's own word; null while a stream is still open. */
  readonly finishReason: string | null;
  /** The stop string or token that ended it, where the server tells; null then means end of sequence. */
  readonly stopReason?: string | number | null | undefined;
  readonly tokens?: readonly SpelledToken[] | undefined;
  readonly logps?: readonly (number | null)[] | undefined;
  readonly tokenIds?: readonly number[] | undefined;
  /** What the model thought, where the server keeps it out of the text. */
  readonly reasoning?: string | undefined;
  /** Whether the choice holds a call of a tool. */
  readonly calls?: boolean | undefined;
  /** An error that the server put in the choice's place. */
  readonly failure?: Failure | undefined;
}

/** How choices become candidates. */
export interface ChoiceRules {
  readonly format: StepFormat;
  /** Whether log-probs must be there (`required`), may be (`optional`) or are not asked for (`none`). */
  readonly logps: 'required' | 'optional' | 'none';
  /** Texts that a chat template reads as control tokens. A step that holds one is refused. */
  readonly specialTokens: readonly string[];
}
