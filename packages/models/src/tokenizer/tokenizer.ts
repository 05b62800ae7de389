/** tokenizer.json in and out of text, with the ids that Hugging Face's Rust library gives. */
import { turnEnd } from '../chat/turn-end.ts';
import { type Encoder, encoderOf } from './encoder.ts';
import { beginsWithBos, tokensOfConfig, tokenText } from './special-tokens.ts';
import type { Tokenizer, TokenizerConfig, TokenizerJson } from './types.ts';

/** A token that is text by itself; behind it a decoder keeps the leading space of what follows. */
const findAnchor = (encoder: Encoder): number | undefined => {
  for (const [id] of encoder.tokens) {
    if (encoder.added.get(id)?.special) continue;
    const text = encoder.decode([id], false);
    if (text.trim() !== '' && !text.includes('\uFFFD')) return id;
  }
  return undefined;
};

const built = (tokenizer: TokenizerJson, config: TokenizerConfig): Encoder => {
  try {
    return encoderOf(tokenizer, tokensOfConfig(tokenizer, config));
  } catch (error) {
    throw new RangeError(
      `tokenizerFromJson: not a usable tokenizer.json: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};

/**
 * A tokenizer from the parsed contents of tokenizer.json and tokenizer_config.json.
 *
 * @param endIds further tokens that end a text, e.g. those of generation_config.json
 * @throws RangeError naming the part of the files that is not understood, with its reason; from `encode`, for a word that
 *   is not in the vocabulary of a tokenizer without an unknown token
 * @example
 * ```ts
 * import { characterTokenizer, tokenizerFromJson } from '@svo/models';
 * const { files } = characterTokenizer('0123456789+=\n');
 * const tokenizer = tokenizerFromJson(files.tokenizer, files.config);
 * tokenizer.decode(tokenizer.encode('1+2=3\n')); // => '1+2=3\n'
 * ```
 */
export const tokenizerFromJson = (
  tokenizer: TokenizerJson,
  config: TokenizerConfig = {},
  endIds: readonly number[] = [],
): Tokenizer => {
  const encoder = built(tokenizer, config);
  const anchor = findAnchor(encoder);
  const anchored = anchor === undefined ? [] : [anchor];
  const skip = encoder.decode(anchored, false).length;
  const idOf = (key: string): number | undefined => {
    const text = tokenText(config[key]);
    return text === undefined ? undefined : encoder.idOf(text);
  };
  const [givenBos, eosId] = [idOf('bos_token'), idOf('eos_token')];
  const bosId = givenBos !== undefined && beginsWithBos(encoder, tokenizer, config, givenBos) ? givenBos : undefined;
  const turnEndId = turnEnd(config, encoder);
  return {
    encode: (text, { addSpecialTokens = false } = {}) => {
      const { ids } = encoder.encode(text, false);
      return addSpecialTokens ? encoder.surround(ids) : ids;
    },
    encodeWithOffsets: (text) => encoder.encode(text, true),
    decode: (ids, { keepSpecialTokens = false } = {}) => encoder.decode(ids, keepSpecialTokens),
    continuation: (ids) => (ids.length === 0 ? '' : encoder.decode([...anchored, ...ids], false).slice(skip)),
    vocabularySize: encoder.size,
    ...(bosId !== undefined && { bosId }),
    ...(eosId !== undefined && { eosId }),
    ...(turnEndId !== undefined && { turnEndId }),
    endIds: [...new Set([eosId, turnEndId, ...endIds].filter((id) => id !== undefined))],
    padId: idOf('pad_token') ?? eosId ?? 0,
    files: { tokenizer, config },
  };
};
