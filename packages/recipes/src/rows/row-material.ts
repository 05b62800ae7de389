import {
  type FromTrlOptions,
  fromDvoRow,
  fromOreoRow,
  fromStepDpoRow,
  fromTrlRow,
  type Row,
  type TrlContent,
} from '@svo/data';
import { assertOptions, blankLineFormat, type StepFormat, stepCredits } from '@svo/mdp';
import { applyChatTemplate } from '@svo/models';
import type { CompletionRow, JudgedTrajectory, Learner, Material, PairRow } from '../plan.ts';

/** What rows hold for an objective to learn from. */
export type RowMaterial = Required<Pick<Material, 'trees' | 'trajectories' | 'pairs' | 'completions'>>;

/** How rows are read. */
export interface RowOptions {
  /** Cuts responses of OREO's rows into steps; `blankLineFormat` by default. */
  readonly format?: StepFormat;
  /** Renders conversations; by default the chat template of the learner's tokenizer. */
  readonly render?: NonNullable<FromTrlOptions['render']>;
}

/**
 * Rows as a material: TRL's of every kind (preference, unpaired, prompt-completion, messages, text, stepwise), and those of
 * Step-DPO, DVO and OREO, told apart by their columns. Conversations are rendered by the tokenizer's chat template.
 *
 * A stepwise row is a trajectory: its credits are `q_credits`, or follow from `values` and the outcome; its outcome is `reward`, or ±1 by the last
 * label. Without values it has no credits, and objectives over steps refuse it.
 *
 * @param rows of `readRows` of `@svo/data`, or any iterable of records
 * @throws RangeError naming the row and what is wrong with it; for rows that hold nothing to learn (prompts alone)
 * @example
 * ```ts
 * import { characterTokenizer } from '@svo/models';
 * import { rowMaterial } from '@svo/recipes';
 * const tokenizer = characterTokenizer('0123456789+=? ');
 * const { pairs } = await rowMaterial([{ prompt: '2+3=?', chosen: '5', rejected: '6' }], { tokenizer });
 * pairs.length; // => 1
 * ```
 */
export async function rowMaterial(
  rows: Iterable<object> | AsyncIterable<object>,
  { tokenizer }: Pick<Learner, 'tokenizer'> | { readonly tokenizer: Omit<Learner['tokenizer'], 'padId'> },
  options: RowOptions = {},
): Promise<RowMaterial> {
  assertOptions('rowMaterial', options, ['format', 'render']);
  const { format = blankLineFormat } = options;
  const render: FromTrlOptions['render'] =
    options.render ?? ((messages, how) => applyChatTemplate(tokenizer as Learner['tokenizer'], messages, how));
  const material: Read = { trajectories: [], pairs: [], completions: [] };
  let number = 0;
  for await (const row of rows) {
    number++;
    try {
      take(row as Row, { format, render }, material);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new RangeError(`rowMaterial: row ${number}: ${error.message}`, { cause: error });
    }
  }
  return { trees: [], ...material };
}

/** What was read so far. */
interface Read {
  readonly trajectories: JudgedTrajectory[];
  readonly pairs: PairRow[];
  readonly completions: CompletionRow[];
}

function take(row: Row, { format, render }: Required<RowOptions>, { trajectories, pairs, completions }: Read): void {
  if ('initial_reason_steps' in row) {
    pairs.push(fromStepDpoRow(row));
  } else if ('response' in row && 'reward' in row) {
    trajectories.push({ ...fromOreoRow(row, { format }), values: [], credits: [] });
  } else if ('q_credits' in row && !('labels' in row)) {
    const read = fromDvoRow(row);
    if (read.reward === undefined)
      throw new RangeError("acc must say whether the answer is right, got nothing (a row of kind dvo holds 'acc')");
    trajectories.push({ ...read, reward: read.reward, values: [] });
  } else {
    const content = fromTrlRow(row, { render });
    if (content.type === 'prompt')
      throw new RangeError('a prompt alone holds nothing to learn (search it first: `svo search`, or searchMany)');
    if (content.type === 'stepwise') trajectories.push(trajectoryOf(content));
    else if (content.type === 'preference') pairs.push(content.pair ?? responsePair(content));
    else completions.push(completionOf(content));
  }
}

type Content<Type extends TrlContent['type']> = Extract<TrlContent, { readonly type: Type }>;

function trajectoryOf(content: Content<'stepwise'>): JudgedTrajectory {
  const { questionId, prompt, steps, labels, values, draws, visits } = content;
  const last = labels.at(-1);
  const judged = labels.every((label) => typeof label === 'boolean') ? labels : undefined;
  const reward = content.reward ?? (Number(last) > 0 ? 1 : -1);
  const rewards = steps.map((_, t) => (t === steps.length - 1 ? reward : 0));
  const credits = content.credits ?? (values ? stepCredits(rewards, values) : []);
  return {
    ...{ questionId, prompt, steps, reward, credits, values: values ?? [] },
    ...(draws && { draws }),
    ...(visits && { visits }),
    ...(judged && { labels: judged }),
  };
}

function responsePair({ questionId, prompt, chosen, rejected, scored }: Content<'preference'>): PairRow {
  return { questionId, prompt, chosen, rejected, ...(scored && { scored }) };
}

function completionOf(
  content: Content<'unpaired'> | Content<'prompt-completion' | 'messages' | 'text'>,
): CompletionRow {
  const { questionId, prompt, completion, scored, draws } = content;
  return {
    ...{ questionId, prompt, completion },
    ...(scored && { scored }),
    ...(draws && { draws }),
    ...(content.type === 'unpaired' && { label: content.label }),
  };
}
