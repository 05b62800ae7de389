import type { ParsedReply } from './parsed-reply.ts';
import type { RawChoice } from './raw-choice.ts';
import type { SpelledToken } from './token-span.ts';

/** A choice while its pieces arrive. Appended to in place: copying at each token would take quadratic time. */
interface OpenChoice {
  readonly index: number;
  text: string;
  reasoning: string;
  calls: boolean;
  finishReason: string | null;
  failure: RawChoice['failure'];
  stop: Pick<RawChoice, 'stopReason'>;
  tokens: SpelledToken[];
  logps: (number | null)[];
  tokenIds: number[];
  /** How many pieces held something of the choice, and how many more said that it had ended. */
  pieces: number;
  endings: number;
}

/** The pieces of a reply's choices, put together as they come. */
export interface ChoicePieces {
  readonly add: (piece: RawChoice) => void;
  /** The choices so far. `isDone`: the server said that nothing more comes. */
  readonly choices: (isDone: boolean) => Required<Pick<ParsedReply, 'choices' | 'problems' | 'isMixed'>>;
}

/**
 * Puts the pieces of `asked` choices together by their index. Some servers give every choice the same one: a piece that comes
 * after its choice has ended begins another, and where that leaves it open whose the pieces are, the choices are given up:
 * two texts are never joined to one that nobody wrote.
 */
export function choicePieces(asked: number): ChoicePieces {
  const groups = new Map<number, OpenChoice[]>();

  return {
    add: (piece) => {
      const group = groups.get(piece.index) ?? [];
      groups.set(piece.index, group);
      const before = group.at(-1);
      const begins = before === undefined || (before.finishReason !== null && holdsSomething(piece));
      const choice = begins ? openChoice(piece.index) : before;
      if (begins) group.push(choice);
      append(choice, piece);
    },
    choices: (isDone) => {
      const isShort = groups.size < asked;
      const choices: RawChoice[] = [];
      const problems: string[] = [];
      for (const [index, group] of groups) {
        const mayBeSeveral = group.length > 1 || (isShort && (group[0]!.endings > 1 || !isDone));
        if (mayBeSeveral && group.some(({ pieces }) => pieces > 1)) {
          problems.push(
            ...group.map(() => `pieces of several choices came under index ${index}, and cannot be told apart`),
          );
        } else choices.push(...(isShort ? group : group.slice(0, 1)).map(close));
      }
      return { choices, problems, isMixed: problems.length > 0 };
    },
  };
}

const openChoice = (index: number): OpenChoice => ({
  index,
  text: '',
  reasoning: '',
  calls: false,
  finishReason: null,
  failure: undefined,
  stop: {},
  tokens: [],
  logps: [],
  tokenIds: [],
  pieces: 0,
  endings: 0,
});

const holdsSomething = ({ text, reasoning = '', tokens = [], failure }: RawChoice): boolean =>
  text !== '' || reasoning !== '' || tokens.length > 0 || failure !== undefined;

function append(choice: OpenChoice, piece: RawChoice): void {
  choice.text += piece.text;
  choice.reasoning += piece.reasoning ?? '';
  choice.calls ||= piece.calls ?? false;
  choice.failure ??= piece.failure;
  choice.finishReason ??= piece.finishReason;
  if (holdsSomething(piece)) choice.pieces++;
  if (piece.finishReason !== null) choice.endings++;
  // Only the last piece tells: before it vLLM sends null, which at the end means end of sequence.
  if (piece.finishReason !== null && 'stopReason' in piece) choice.stop = { stopReason: piece.stopReason };
  for (const token of piece.tokens ?? []) choice.tokens.push(token);
  for (const logp of piece.logps ?? []) choice.logps.push(logp);
  for (const id of piece.tokenIds ?? []) choice.tokenIds.push(id);
}

/** What never arrived is left out, as it is in a reply that came in one piece. */
function close({ index, text, finishReason, ...rest }: OpenChoice): RawChoice {
  const { stop, tokens, logps, tokenIds, reasoning, calls, failure } = rest;
  return {
    index,
    text,
    finishReason,
    ...stop,
    ...(tokens.length > 0 ? { tokens } : {}),
    ...(logps.length > 0 ? { logps } : {}),
    ...(tokenIds.length > 0 ? { tokenIds } : {}),
    ...(reasoning === '' ? {} : { reasoning }),
    ...(calls ? { calls } : {}),
    ...(failure === undefined ? {} : { failure }),
  };
}
