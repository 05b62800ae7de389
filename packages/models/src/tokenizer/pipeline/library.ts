/** What is used of Hugging Face's JavaScript library, which exports it without types that Node's resolution finds. */
import * as parts from '@huggingface/tokenizers';
import type { Json } from '../json.ts';

/** A model of that library: pieces of text to tokens. */
export interface LibraryModel {
  readonly tokens_to_ids: ReadonlyMap<string, number>;
  readonly unk_token?: string | null;
  readonly encode: (pieces: string[]) => string[];
}

interface Library {
  readonly BPE: new (json: Json) => LibraryModel;
  readonly Unigram: new (json: Json, endOfText: string) => LibraryModel;
  readonly WordPiece: new (json: Json) => LibraryModel;
  /** Compiles expressions of Oniguruma's dialect. */
  readonly SplitPreTokenizer: new (
    json: Json,
  ) => { readonly pattern: RegExp | null };
}

export const library: Library = parts as unknown as Library;
