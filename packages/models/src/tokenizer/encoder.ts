/** The way from text to ids and back that a tokenizer.json describes: added tokens, normalizer, pre-tokenizer, model, decoder. */
import { type AddedToken, addedTokenOf, splitterOf } from './added-tokens.ts';
import type { Json } from './json.ts';
import { decoderOf } from './pipeline/decoders.ts';
import { normalizerOf } from './pipeline/normalizers.ts';
import { type Piece, pieceOf, slicePiece } from './pipeline/piece.ts';
import { postProcessorOf } from './pipeline/post-processor.ts';
import { preTokenizerOf } from './pipeline/pre-tokenizers.ts';
import { tokenModelOf, tokenSpans } from './pipeline/token-model.ts';

/** Ids, and where asked for the part of the text each stands for. */
export interface Encoded {
  readonly ids: number[];
  readonly offsets: (readonly [start: number, end: number])[];
}

/** What a tokenizer.json describes. */
export interface Encoder {
  /** Ids without special tokens around them; `offsets` is empty unless asked for. */
  readonly encode: (text: string, withOffsets: boolean) => Encoded;
  /** Puts the special tokens of a single text around its ids. */
  readonly surround: (ids: readonly number[]) => number[];
  readonly decode: (ids: readonly number[], keepSpecialTokens: boolean) => string;
  /** The id of a token, added ones included. */
  readonly idOf: (token: string) => number | undefined;
  /** The model's own tokens, by id. */
  readonly tokens: ReadonlyMap<number, string>;
  /** Added tokens, by id. */
  readonly added: ReadonlyMap<number, AddedToken>;
  /** One more than the largest id. */
  readonly size: number;
}

/** Reads the parts. Throws a RangeError naming the one that cannot be used. */
export const encoderOf = (json: Json, further: readonly AddedToken[] = []): Encoder => {
  const model = tokenModelOf(json.model);
  const normalize = normalizerOf(json.normalizer);
  const cut = preTokenizerOf(json.pre_tokenizer);
  const decodeTokens = decoderOf(json.decoder);
  const surround = postProcessorOf(json.post_processor);
  const listed = Array.isArray(json.added_tokens) ? json.added_tokens.map(addedTokenOf) : [];
  const specialInFile = new Set(listed.filter(({ special }) => special).map(({ content }) => content));
  // The config's settings count before the file's, but what is special in one of them is special: so the Rust library adds them.
  const settled = further.map((token) => ({ ...token, special: token.special || specialInFile.has(token.content) }));
  const added = new Map([...listed, ...settled].map((token) => [token.id, token]));
  const ids = new Map<string, number>([...added.values()].map(({ content, id }) => [content, id]));
  /** A token is found, and shown, as the text it has where it is looked for. */
  const shown = new Map(
    [...added.values()].map((token) => [
      token,
      token.normalized ? normalize({ text: token.content, first: true }).text : token.content,
    ]),
  );
  const found = [...shown].map(([token, text]) => [text, token] as const);
  const asWritten = splitterOf(found.filter(([, token]) => !token.normalized));
  const normalized = splitterOf(found.filter(([, token]) => token.normalized));
  const tokens = new Map([...model.vocabulary].map(([token, id]) => [id, token]));
  const idOf = (token: string): number | undefined => ids.get(token) ?? model.vocabulary.get(token);

  const encodePiece = (piece: Piece, into: Encoded): void => {
    if (piece.text === '') return;
    const encoded = model.encode(piece.text);
    for (const token of encoded) {
      const id = token === undefined ? undefined : model.vocabulary.get(token);
      if (id === undefined)
        throw new RangeError(
          `encode: the vocabulary must hold an unknown token to encode ${JSON.stringify(piece.text)}`,
        );
      into.ids.push(id);
    }
    if (!piece.alignment) return;
    const { starts, ends } = piece.alignment;
    for (const [from, to] of tokenSpans(model, piece.text, encoded)) {
      const start = starts[from] ?? ends.at(-1) ?? 0;
      into.offsets.push([start, to > from ? ends[to - 1]! : start]);
    }
  };

  const addToken = (piece: Piece, { id }: AddedToken, into: Encoded): void => {
    into.ids.push(id);
    if (!piece.alignment) return;
    const start = piece.alignment.starts[0] ?? 0;
    into.offsets.push([start, piece.alignment.ends.at(-1) ?? start]);
  };

  return {
    encode: (text, withOffsets) => {
      const into: Encoded = { ids: [], offsets: [] };
      for (const { start, end, token } of asWritten(text)) {
        const section = pieceOf(text, start, end, withOffsets);
        if (token) {
          addToken(section, token, into);
          continue;
        }
        const whole = normalize(section);
        for (const { start: from, end: to, token: word } of normalized(whole.text)) {
          const piece = slicePiece(whole, from, to);
          if (word) addToken(piece, word, into);
          else for (const part of cut(piece)) encodePiece(part, into);
        }
      }
      return into;
    },
    surround,
    decode: (list, keepSpecialTokens) =>
      decodeTokens(
        list.flatMap((id) => {
          const token = added.get(id);
          if (token) return token.special && !keepSpecialTokens ? [] : (shown.get(token) ?? []);
          return tokens.get(id) ?? [];
        }),
      ).join(''),
    idOf,
    tokens,
    added,
    size:
      Math.max(
        -1,
        ...added.keys(),
        [...tokens.keys()].reduce((most, id) => Math.max(most, id), -1),
      ) + 1,
  };
};
