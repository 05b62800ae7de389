import { assertOptions, blankLineFormat, type StepFormat } from '@svo/mdp';
import { splitEnd } from './ends.ts';
import type { Example } from './example.ts';
import { encodePieces, type Piece } from './pieces.ts';
import type { TokenizerLike } from './tokenizer.ts';

/** How text becomes tokens. */
export interface TokenizeOptions {
  /** Knows a step's delimiter and which step is terminal. Default `blankLineFormat`. */
  readonly format?: StepFormat;
  /**
   * Whether a step's trailing delimiter and EOS count in its log-prob. Default false for credits: the DVO authors' code
   * leaves them out, and they carry no choice (every step has them), only a pull on the probability of stopping. True for
   * pairs and completions, as in TRL.
   */
  readonly scoreDelimiters?: boolean;
  /**
   * `'separate'`: prompt and steps are encoded one by one, so that tokens and steps have the same boundaries. `'joint'`: the
   * whole text is encoded at once, as a model that is given the text sees it; a token across a boundary counts for the step it
   * begins in. By default separate where that gives the text back, else joint where the tokenizer has `encodeWithOffsets`.
   */
  readonly boundaries?: 'separate' | 'joint';
}

/** The options, checked. */
export const checkTokenizeOptions = (caller: string, options: TokenizeOptions): void => {
  assertOptions(caller, options, ['format', 'scoreDelimiters', 'boundaries']);
  const { boundaries = 'separate' } = options;
  if (boundaries !== 'separate' && boundaries !== 'joint')
    throw new RangeError(`${caller}: boundaries must be 'separate' or 'joint', got ${JSON.stringify(boundaries)}`);
};

/** A piece and the step it is scored in; −1 for context. */
export interface StepPiece extends Omit<Piece, 'body'> {
  readonly step: number;
}

/** What an example is made of. */
export interface Parts {
  readonly prompt: string;
  readonly pieces: readonly StepPiece[];
  readonly credits: readonly number[];
  /** Whether the last piece ends the trajectory; asked of the format when absent. */
  readonly terminal?: boolean | undefined;
}

/**
 * Parts as token ids and the step each token is scored in: one BOS, the prompt, the pieces, and one end behind a terminal last
 * piece: that which its text is written with or which was drawn, else EOS. The first token is never scored: nothing predicts it.
 */
export const assemble = (
  { prompt, pieces, credits, terminal: given }: Parts,
  tokenizer: TokenizerLike,
  { format = blankLineFormat, scoreDelimiters = false, boundaries }: TokenizeOptions,
): Example => {
  const last = pieces.at(-1);
  const written = last && last.step >= 0 ? splitEnd(last.text, tokenizer) : undefined;
  // A context behind the last scored part may be written with the end, as where a template marks an answer without it.
  const closed = last !== undefined && last.step < 0 && splitEnd(last.text, tokenizer).end !== undefined;
  const bare = written?.end ? [...pieces.slice(0, -1), { ...last!, text: written.bare }] : pieces;
  const encoded = encodePieces(
    prompt,
    bare.map(({ step, ...piece }) => {
      const delimiter = scoreDelimiters ? 0 : format.delimiterLength(piece.text);
      return { ...piece, body: step < 0 ? 0 : piece.text.length - delimiter };
    }),
    tokenizer,
    boundaries,
  );
  const ids = [...encoded.ids];
  const logps = [...encoded.logps];
  const stepIds = ids.map(() => -1);
  encoded.spans.forEach(([start, end], at) => {
    stepIds.fill(bare[at]!.step, start, end);
  });
  if (tokenizer.bosId !== undefined && ids[0] !== tokenizer.bosId) {
    ids.unshift(tokenizer.bosId);
    stepIds.unshift(-1);
    logps.unshift(null);
  }
  const ended = encoded.end ?? (written?.end && { id: written.end.id, logp: null });
  const terminal = (given ?? (last !== undefined && format.isTerminal(last.text))) || ended !== undefined;
  const adds = terminal && !closed && tokenizer.eosId !== undefined;
  const end = ended ?? (adds ? { id: tokenizer.eosId, logp: null } : undefined);
  if (end !== undefined) {
    ids.push(end.id);
    stepIds.push(scoreDelimiters ? (last?.step ?? -1) : -1);
    logps.push(end.logp);
  }
  if (stepIds.length > 0) stepIds[0] = -1;
  const known = logps.some((logp) => logp !== null);
  return { ids, stepIds, credits: [...credits], terminal, ...(known && { behaviorLogps: logps }) };
};
