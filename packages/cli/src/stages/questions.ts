import type { RenderMessages } from '@svo/data';
import type { Question } from '@svo/mdp';
import { applyChatTemplate, type Tokenizer } from '@svo/models';
import { readQuestions } from '@svo/recipes';
import type { ColumnsConfig, PromptConfig, SvoConfig } from '../config/config.ts';
import { defaults } from '../config/defaults.ts';
import { UsageError } from '../errors.ts';
import { openTask, taskName } from '../models/open-task.ts';
import { defined } from './defined.ts';
import { paths, readAll } from './read-data.ts';

/** How a configuration's questions are read. */
export interface QuestionPlan {
  readonly files: readonly string[];
  /** A task by its name, or a module's path. */
  readonly task?: string | undefined;
  readonly columns: ColumnsConfig;
  readonly prompt: PromptConfig;
  /** The first so many; all by default. */
  readonly most: number | undefined;
}

/** The questions of a key. @throws UsageError for files that are not there, a task that is not, columns beside a task */
export function questionPlan(key: 'data' | 'test', config: SvoConfig, most: number | undefined): QuestionPlan {
  const { columns = {}, prompt = {} } = config;
  const task = taskName(config.task);
  const named = Object.keys(columns).find((one) => one !== 'response');
  if (task !== undefined && named !== undefined)
    throw new UsageError(
      `columns.${named}: task '${task}' reads its rows by itself; leave the columns out, or the task`,
    );
  return { files: paths(key, config[key]), ...(task !== undefined && { task }), columns, prompt, most };
}

/** Whether a tokenizer has a chat template. */
const hasTemplate = (tokenizer: Tokenizer): boolean => tokenizer.files.config.chat_template !== undefined;

/** Questions as the model is asked them: rendered by its chat template where it has one, or as the configuration says. */
export async function questionsFor(
  { files, task: named, columns, prompt, most }: QuestionPlan,
  tokenizer: Tokenizer | undefined,
): Promise<readonly Question[]> {
  const { response: _, ...known } = columns;
  const task = named === undefined ? undefined : await openTask(named);
  const { chat = defaults.prompt.chat, template = task?.template, system } = prompt;
  const wanted = chat === 'auto' ? tokenizer !== undefined && hasTemplate(tokenizer) : chat;
  if (chat === true && tokenizer !== undefined && !hasTemplate(tokenizer))
    throw new UsageError('prompt.chat: the model has no chat template; leave it out, or set it to false');
  const render: RenderMessages | undefined =
    wanted && tokenizer !== undefined ? (messages, how) => applyChatTemplate(tokenizer, messages, how) : undefined;
  // A server that is asked for a chat puts the system's message before it by itself.
  const own = tokenizer === undefined && wanted ? {} : { system };
  const reading = task === undefined ? { columns: defined(known) } : { read: task.read };
  const all = await readQuestions(readAll(files), defined({ ...reading, template, ...own, render }));
  if (all.length === 0) throw new UsageError(`${files.join(', ')}: holds no question`);
  return all.slice(0, most);
}
