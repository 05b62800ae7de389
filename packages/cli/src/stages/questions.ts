import type { RenderMessages } from '@svo/data';
import type { Question } from '@svo/mdp';
import { applyChatTemplate, type Tokenizer } from '@svo/models';
import { readQuestions } from '@svo/recipes';
import type { ColumnsConfig, PromptConfig } from '../config/config.ts';
import { defaults } from '../config/defaults.ts';
import { UsageError } from '../errors.ts';
import { defined } from './defined.ts';
import { readAll } from './read-data.ts';

/** How a configuration's questions are read. */
export interface QuestionPlan {
  readonly files: readonly string[];
  readonly columns: ColumnsConfig;
  readonly prompt: PromptConfig;
  /** The first so many; all by default. */
  readonly most: number | undefined;
}

/** Whether a tokenizer has a chat template. */
const hasTemplate = (tokenizer: Tokenizer): boolean => tokenizer.files.config.chat_template !== undefined;

/** Questions as the model is asked them: rendered by its chat template where it has one, or as the configuration says. */
export async function questionsFor(
  { files, columns, prompt, most }: QuestionPlan,
  tokenizer: Tokenizer | undefined,
): Promise<readonly Question[]> {
  const { response: _, ...known } = columns;
  const { chat = defaults.prompt.chat, template, system } = prompt;
  const wanted = chat === 'auto' ? tokenizer !== undefined && hasTemplate(tokenizer) : chat;
  if (chat === true && tokenizer !== undefined && !hasTemplate(tokenizer))
    throw new UsageError('prompt.chat: the model has no chat template; leave it out, or set it to false');
  const render: RenderMessages | undefined =
    wanted && tokenizer !== undefined ? (messages, how) => applyChatTemplate(tokenizer, messages, how) : undefined;
  // A server that is asked for a chat puts the system's message before it by itself.
  const own = tokenizer === undefined && wanted ? {} : { system };
  const all = await readQuestions(readAll(files), defined({ columns: defined(known), template, ...own, render }));
  if (all.length === 0) throw new UsageError(`${files.join(', ')}: holds no question`);
  return all.slice(0, most);
}
