import type { Message, RenderMessages } from '@svo/data';
import { assertOptions, contentHash, type Question } from '@svo/mdp';

type Row = Readonly<Record<string, unknown>>;

/** How rows become questions. */
export interface QuestionOptions {
  /** Which columns hold what; without them the first of the usual names that is there. */
  readonly columns?: { readonly id?: string; readonly prompt?: string; readonly answer?: string };
  /** Reads a row of a form of its own, such as a task's of `@svo/recipes/tasks`; in place of `columns`. */
  readonly read?: (row: Row) => { readonly id?: string | number; readonly prompt: unknown; readonly answer?: unknown };
  /** The text a model continues, with `{question}` where the question stands; the question alone by default. */
  readonly template?: string;
  /** The system's message, of a conversation. */
  readonly system?: string;
  /** The chat template, where a question is a conversation's first turn. */
  readonly render?: RenderMessages;
}

const usual = {
  id: ['id', 'question_id'],
  prompt: ['prompt', 'question', 'problem', 'question_stem'],
  answer: ['answer', 'solution', 'answerKey', 'target'],
} as const;

/**
 * Rows as questions: GSM8K's `question answer`, MATH's `problem solution`, TRL's `prompt` with an `answer`, or columns of one's
 * own. `read` takes rows of any other form. With `render` each becomes a conversation that waits for the assistant.
 *
 * @throws RangeError naming the row and the column that is missing, with those found; for an id that comes twice
 * @example
 * ```ts
 * import { readQuestions } from '@svo/recipes';
 * const [question] = await readQuestions([{ question: '2+3?', answer: 5 }], { template: 'Q: {question}\nA: ' });
 * [question!.prompt, question!.answer]; // => ['Q: 2+3?\nA: ', '5']
 * ```
 */
export async function readQuestions(
  rows: Iterable<object> | AsyncIterable<object>,
  options: QuestionOptions = {},
): Promise<Question[]> {
  assertOptions('readQuestions', options, ['read', 'columns', 'template', 'system', 'render']);
  const { read, columns = {}, template = '{question}', system, render } = options;
  if (read !== undefined && options.columns !== undefined)
    throw new RangeError('readQuestions: columns must be left out where read is given: it knows them');
  assertOptions('readQuestions: columns', columns, ['id', 'prompt', 'answer']);
  const questions = new Map<string, Question>();
  let number = 0;
  for await (const given of rows) {
    const where = `readQuestions: row ${++number}`;
    const row = read === undefined ? (given as Row) : readBy(read, given as Row, where);
    const prompt = promptOf(required(row, 'prompt', columns.prompt, where), { template, system, render }, where);
    const answer = found(row, usual.answer, columns.answer);
    if (answer === undefined && columns.answer !== undefined) throw missing(row, 'answer', columns.answer, where);
    const id = found(row, usual.id, columns.id);
    const question = { id: id === undefined ? freshId(prompt, questions) : String(id), prompt };
    if (questions.has(question.id)) throw new RangeError(`${where}: id '${question.id}' comes twice`);
    questions.set(question.id, answer === undefined ? question : { ...question, answer: textOf(answer, where) });
  }
  return [...questions.values()];
}

function readBy(read: NonNullable<QuestionOptions['read']>, row: Row, where: string): Row {
  try {
    return read(row) as unknown as Row;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(`${where}: ${error.message}`, { cause: error });
  }
}

/** The hash of the prompt; of a prompt that comes again, with a number behind it. */
function freshId(prompt: string, taken: ReadonlyMap<string, Question>): string {
  const hash = contentHash({ prompt }).slice(0, 16);
  let [id, copy] = [hash, 2];
  while (taken.has(id)) id = `${hash}-${copy++}`;
  return id;
}

function promptOf(
  given: unknown,
  { template, system, render }: { template: string; system: string | undefined; render: RenderMessages | undefined },
  where: string,
): string {
  if (Array.isArray(given)) {
    if (render === undefined)
      throw new RangeError(`${where}: the prompt is a conversation, and there is no chat template`);
    return render(given as Message[], { addGenerationPrompt: true });
  }
  if (typeof given !== 'string')
    throw new RangeError(`${where}: the prompt must be text or messages, got ${typeof given}`);
  // A function, so that a `$&` in a question stays what it is.
  const text = template.replaceAll('{question}', () => given);
  if (render === undefined) return system === undefined ? text : `${system}\n\n${text}`;
  const before = system === undefined ? [] : [{ role: 'system', content: system }];
  return render([...before, { role: 'user', content: text }], { addGenerationPrompt: true });
}

function textOf(answer: unknown, where: string): string {
  if (typeof answer === 'string') return answer;
  if (typeof answer === 'number' || typeof answer === 'boolean') return String(answer);
  throw new RangeError(`${where}: the answer must be text or a number, got ${JSON.stringify(answer)?.slice(0, 40)}`);
}

const found = (row: Row, names: readonly string[], named: string | undefined): unknown => {
  const name = named ?? names.find((one) => row[one] !== undefined);
  return name === undefined ? undefined : row[name];
};

function required(row: Row, what: 'prompt', named: string | undefined, where: string): unknown {
  const value = found(row, usual[what], named);
  if (value === undefined) throw missing(row, what, named ?? usual[what].join(', '), where);
  return value;
}

const missing = (row: Row, what: string, expected: string, where: string): RangeError =>
  new RangeError(
    `${where}: no column holds the ${what}; expected ${expected}, columns found: ${Object.keys(row).slice(0, 30).join(', ') || 'none'}`,
  );
