import type { Tokenizer } from './tokenizer.ts';

/** A prompt and steps as one run of tokens, with the tokens [start, end) of each step's body. */
export interface Pieces {
  readonly ids: readonly number[];
  readonly spans: readonly (readonly [start: number, end: number])[];
}

interface Source {
  readonly prompt: string;
  readonly steps: readonly string[];
  /** How many UTF-16 code units of each step are its body, before the delimiter. */
  readonly bodies: readonly number[];
}

/** A prompt from a chat template holds special tokens; without them its text would not come back. */
const textOf = (ids: readonly number[], tokenizer: Tokenizer): string =>
  tokenizer.decode(ids, { keepSpecialTokens: true });

const show = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

const checkRoundTrip = (ids: readonly number[], text: string, tokenizer: Tokenizer, hint: string): void => {
  const decoded = textOf(ids, tokenizer);
  if (decoded === text) return;
  let at = 0;
  while (at < text.length && decoded[at] === text[at]) at++;
  throw new RangeError(
    `tokenize: decode(encode(text)) must be the text, got ${show(decoded.slice(at))} where the text has ${show(text.slice(at))}, at character ${at} (${hint})`,
  );
};

/** The fewest tokens whose text begins with `text`. Decoded prefixes only grow, so halving finds it. */
const tokensCovering = (ids: readonly number[], text: string, tokenizer: Tokenizer): number => {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (textOf(ids.slice(0, middle), tokenizer).startsWith(text)) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** As above from the end: a delimiter is a token or two, so that a walk back from the last one is shortest. */
const withoutTail = (ids: readonly number[], body: string, tokenizer: Tokenizer): number => {
  if (body === '') return 0;
  let count = ids.length;
  while (count > 0 && textOf(ids.slice(0, count - 1), tokenizer).startsWith(body)) count--;
  return count;
};

const separate = ({ prompt, steps, bodies }: Source, tokenizer: Tokenizer): Pieces => {
  const ids = [...tokenizer.encode(prompt)];
  const spans: [number, number][] = [];
  steps.forEach((step, index) => {
    const stepTokens = tokenizer.encode(step);
    const body = step.slice(0, bodies[index]);
    const scored = body === step ? stepTokens.length : withoutTail(stepTokens, body, tokenizer);
    spans.push([ids.length, ids.length + scored]);
    for (const id of stepTokens) ids.push(id);
  });
  checkRoundTrip(ids, prompt + steps.join(''), tokenizer, "boundaries: 'joint' encodes the text as one piece");
  return { ids, spans };
};

const joint = ({ prompt, steps, bodies }: Source, tokenizer: Tokenizer): Pieces => {
  const text = prompt + steps.join('');
  const ids = tokenizer.encode(text);
  checkRoundTrip(ids, text, tokenizer, 'the tokenizer changes the text');
  const covering = (characters: number): number => tokensCovering(ids, text.slice(0, characters), tokenizer);
  const spans: [number, number][] = [];
  let characters = prompt.length;
  let start = covering(characters);
  steps.forEach((step, index) => {
    spans.push([start, Math.max(start, covering(characters + bodies[index]!))]);
    characters += step.length;
    start = covering(characters);
  });
  return { ids, spans };
};

/** Encodes a prompt and its steps and finds each step's body among the tokens. */
export function encodePieces(source: Source, tokenizer: Tokenizer, boundaries: 'separate' | 'joint'): Pieces {
  return boundaries === 'joint' ? joint(source, tokenizer) : separate(source, tokenizer);
}
