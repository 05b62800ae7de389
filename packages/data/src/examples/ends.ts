import type { TokenizerLike } from './tokenizer.ts';

/** A token that ends a text or a turn, and how it is written in a text. */
export interface End {
  readonly id: number;
  readonly text: string;
}

const found = new WeakMap<TokenizerLike, readonly End[]>();

/** The ids at which a model stops. */
export const endIdsOf = ({ eosId, turnEndId, endIds = [] }: TokenizerLike): ReadonlySet<number> =>
  new Set([eosId, turnEndId, ...endIds].filter((id) => id !== undefined));

/** Of these, the ones that a text can hold: written out they are encoded as that one token. */
const endsOf = (tokenizer: TokenizerLike): readonly End[] => {
  const known = found.get(tokenizer);
  if (known !== undefined) return known;
  const ends = [...endIdsOf(tokenizer)].flatMap((id) => {
    const text = tokenizer.decode([id], { keepSpecialTokens: true });
    if (text.trim() === '') return [];
    const ids = tokenizer.encode(text);
    return ids.length === 1 && ids[0] === id ? [{ id, text }] : [];
  });
  found.set(tokenizer, ends);
  return ends;
};

/**
 * A text without the end it is written with, white space behind it included: templates and data sets write `5<|im_end|>\n`, and
 * a second end behind that would be learned beside the first. Of several ends the first one ended the text.
 */
export const splitEnd = (text: string, tokenizer: TokenizerLike): { readonly bare: string; readonly end?: End } => {
  const ends = endsOf(tokenizer);
  let [bare, end]: [string, End | undefined] = [text, undefined];
  for (;;) {
    const trimmed = bare.trimEnd();
    const next = ends.find((one) => trimmed.endsWith(one.text));
    if (next === undefined) return end === undefined ? { bare: text } : { bare, end };
    [bare, end] = [trimmed.slice(0, -next.text.length), next];
  }
};
