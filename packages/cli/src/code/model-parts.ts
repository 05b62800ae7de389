import { defaults } from '../config/defaults.ts';
import { taskNamed } from '../models/open-task.ts';
import { isNamed } from '../models/open-verifier.ts';
import { isLocal, type Place } from '../models/place.ts';
import type { Engine } from '../plans/running.ts';
import type { ServerPlan } from '../plans/server-plan.ts';
import type { QuestionPlan } from '../stages/questions.ts';
import { literal } from './literal.ts';
import { engineLines } from './parts.ts';

interface Model {
  readonly place: Place;
  readonly server: ServerPlan;
  readonly engine: Engine;
}

/** The lines that load a model, or reach a server. */
export function modelLines({ place, server, engine }: Model): string[] {
  if (isLocal(place))
    return [...engineLines(engine), `const { learner, params } = await loadLearner(${literal(place.path)});`];
  if (place.kind === 'openai') return [];
  return [
    `const tokenizer = await loadTokenizer(${literal(server.tokenizer ?? 'tokenizer-folder')});`,
    `const key = process.env.${server.keyFrom};`,
    `const service = await tinkerService({ baseUrl: ${literal(place.url)}, ...(key ? { apiKey: key } : {}) });`,
  ];
}

/** What has to be closed in the end. */
export const closeLines = (place: Place): string[] => (place.kind === 'tinker' ? ['await service.close();'] : []);

/** The lines that open a task of one's own, where there is one, and the judge. */
export function verifierLines(verifier: string, task?: string): string[] {
  const own = task === undefined || taskNamed(task) !== undefined;
  const opened = own ? [] : [`const { default: task } = await import(${literal(task)});`];
  if (isNamed(verifier)) return [...opened, `const verifier = ${verifier}Verifier;`];
  if (verifier === task) return [...opened, 'const { verifier } = task;'];
  return [...opened, `const { default: verifier } = await import(${literal(verifier)});`];
}

/** What a printed program calls its task. */
export const taskIn = (task: string): string => (taskNamed(task) === undefined ? 'task' : task);

/** The lines that read questions as the model is asked them, into `name`. */
export function questionLines(plan: QuestionPlan, place: Place, name = 'questions'): string[] {
  const { files, task, columns, prompt, most } = plan;
  const { response: _, ...known } = columns;
  const { chat = defaults.prompt.chat, template, system } = prompt;
  const renders = place.kind !== 'openai' && chat !== false;
  const bySystem =
    system === undefined || (place.kind === 'openai' && chat === true) ? [] : [`system: ${literal(system)}`];
  const read = task === undefined ? [] : [`read: ${taskIn(task)}.read`];
  const asked = task === undefined || template !== undefined ? [] : [`template: ${taskIn(task)}.template`];
  const options = [
    ...read,
    ...asked,
    ...(Object.keys(known).length > 0 ? [`columns: ${literal(known)}`] : []),
    ...(template === undefined ? [] : [`template: ${literal(template)}`]),
    ...bySystem,
    ...(renders ? [chat === true ? 'render' : '...(chat && { render })'] : []),
  ];
  const given = options.length > 0 ? `, { ${options.join(', ')} }` : '';
  const readFrom = (rows: string): string => `await readQuestions(${rows}${given})`;
  const cut = (questions: string): string => (most === undefined ? questions : `(${questions}).slice(0, ${most})`);
  if (files.length === 1) return [`const ${name} = ${cut(readFrom(`readRows(${literal(files[0])})`))};`];
  return [
    `async function* rowsOf${name}() {`,
    `  for (const file of ${literal(files)}) yield* readRows(file);`,
    '}',
    `const ${name} = ${cut(readFrom(`rowsOf${name}()`))};`,
  ];
}

/** The lines that say how a conversation becomes text, where questions are conversations. */
export function renderLines({ prompt: { chat = defaults.prompt.chat } }: QuestionPlan, place: Place): string[] {
  if (place.kind === 'openai' || chat === false) return [];
  const tokenizer = isLocal(place) ? 'learner.tokenizer' : 'tokenizer';
  return [
    `const render: RenderMessages = (messages, how) => applyChatTemplate(${tokenizer}, messages, how);`,
    ...(chat === true ? [] : [`const chat = ${tokenizer}.files.config.chat_template !== undefined;`]),
  ];
}

interface Drawing {
  readonly place: Place;
  readonly server: ServerPlan;
  readonly format: string;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly id: string;
  readonly system?: string | undefined;
}

/** The line that makes a policy of a model. */
export function policyLines({ place, server, format, temperature, maxTokens, id, system }: Drawing): string[] {
  const drawing = `format: ${format}, temperature: ${temperature}, maxTokens: ${maxTokens}`;
  if (isLocal(place)) return [`const policy = localPolicy({ ...learner, params, ${drawing}, id: ${literal(id)} });`];
  const { concurrency } = server;
  if (place.kind === 'tinker')
    return [
      `const sampler = service.sampler({ baseModel: ${literal(place.baseModel)} });`,
      `const bare = tinkerPolicy({ sampler, tokenizer, ${drawing}, id: ${literal(id)} });`,
      `const policy = withConcurrency(withRetry(bare), ${concurrency});`,
    ];
  const { endpoint, logps, timeoutS, keyFrom, name } = server;
  const chat = endpoint === 'chat' && system !== undefined ? `system: ${literal(system)}, ` : '';
  return [
    `const key = process.env.${keyFrom};`,
    'const bare = openaiPolicy({',
    `  url: ${literal(place.url)},`,
    `  model: ${literal(name ?? 'the name that the server lists under /v1/models')},`,
    `  endpoint: ${literal(endpoint)},`,
    `  logps: ${literal(logps)},`,
    `  timeoutMs: ${1000 * timeoutS},`,
    '  ...(key ? { apiKey: key } : {}),',
    `  ${chat}${drawing},`,
    '});',
    `const policy = withConcurrency(withRetry(bare), ${concurrency});`,
  ];
}
