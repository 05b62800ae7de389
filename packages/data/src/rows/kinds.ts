/** The kinds of rows and the columns each is told by, in words: what an error says beside the columns that were found. */
export const kindColumns = {
  stepwise: 'prompt, completions, labels',
  preference: 'chosen, rejected, prompt?',
  unpaired: 'prompt, completion, label',
  promptCompletion: 'prompt, completion',
  messages: 'messages',
  text: 'text',
  prompt: 'prompt',
  stepDpo: 'prompt, initial_reason_steps, chosen, rejected',
  dvo: 'prompt, completions, q_credits, acc?',
  oreo: 'prompt, response, reward',
} as const;

/** A name of `rowSchemas`. */
export type KindName = keyof typeof kindColumns;

/** What a row of this kind holds. */
export const kindOf = (kind: KindName): string => `a row of kind ${kind} holds ${kindColumns[kind]}`;

/** The columns of a row, as an error names them. */
export const foundColumns = (row: object): string =>
  `columns found: ${
    Object.keys(row)
      .map((name) => name.slice(0, 40))
      .slice(0, 30)
      .join(', ') || 'none'
  }`;

const trlKinds = ['stepwise', 'preference', 'unpaired', 'promptCompletion', 'messages', 'text', 'prompt'] as const;

/** The kinds that `fromTrlRow` tells apart. */
export type TrlKind = (typeof trlKinds)[number];

/** Other names that data sets give these columns. */
const otherNames: Readonly<Record<string, string>> = {
  conversations: "rename it to `messages`, its `from` to `role` ('user', 'assistant') and `value` to `content`",
  conversation: 'rename it to `messages`',
  response: 'fromOreoRow reads `prompt, response, reward`; rename `response` to `completion` for the others',
  initial_reason_steps: 'fromStepDpoRow reads it',
  q_credits: 'fromDvoRow reads it',
  question: 'rename it to `prompt`',
  instruction: 'rename it to `prompt`, and `output` to `completion`',
};

/**
 * Which of TRL's rows this is, by its columns.
 *
 * @throws RangeError with the columns found and the kinds known
 */
export const trlKindOf = (row: object): TrlKind => {
  const has = (name: string): boolean => name in row;
  if (has('completions')) return 'stepwise';
  if (has('chosen') || has('rejected')) return 'preference';
  if (has('label') && (has('completion') || has('prompt'))) return 'unpaired';
  if (has('completion')) return 'promptCompletion';
  if (has('messages')) return 'messages';
  if (has('text')) return 'text';
  if (has('prompt')) return 'prompt';
  const known = trlKinds.map((kind) => `${kind} (${kindColumns[kind]})`).join('; ');
  const hint = Object.keys(otherNames).find(has);
  throw new RangeError(
    `fromTrlRow: row must be of a known kind; ${foundColumns(row)}; kinds known: ${known}${hint === undefined ? '' : `; '${hint}': ${otherNames[hint]}`}`,
  );
};
