import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadTokenizer, type Tokenizer } from '@svo/models';

/** The tokenizer of a folder that has one. */
export const tokenizerOf = async (model: string | undefined): Promise<Tokenizer | undefined> =>
  model !== undefined && existsSync(join(model, 'tokenizer.json')) ? loadTokenizer(model) : undefined;
