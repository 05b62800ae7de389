import type { JudgePlan } from '../plans/judge-plan.ts';
import type { JudgeServerOptions } from '../serving/serve-judge.ts';
import { imports } from './imports.ts';
import { literal } from './literal.ts';
import { taskIn, verifierLines } from './model-parts.ts';

/** The program that `svo judge --serve` is. */
const serveCode = (options: JudgeServerOptions): string =>
  `import { serveJudge } from '@svo/cli';\n\nconst server = await serveJudge(${literal(options)});\nconsole.log(server.url);\n`;

/** The program that `svo judge` is, over the packages, for rows with the columns it names. */
export function judgeCode({
  data = ['responses.jsonl'],
  out = 'verdicts.jsonl',
  verifier,
  columns,
  task,
  serve,
}: JudgePlan): string {
  if (serve !== undefined) return serveCode({ ...serve, verifier, columns });
  const { prompt = 'prompt', answer = 'answer', response = 'response' } = columns;
  const at = (name: string): string => `String(row[${literal(name)}] ?? '')`;
  const body = [
    ...verifierLines(verifier, task),
    'async function* judged() {',
    `  for (const file of ${literal(data)})`,
    '    for await (const row of readRows(file)) {',
    task === undefined
      ? `      const question = { id: '', prompt: ${at(prompt)}, answer: ${at(answer)} };`
      : `      const question = { ...${taskIn(task)}.read(row), id: '' };`,
    `      const { equivalent, how } = verifier(question, ${at(response)});`,
    '      yield { ...row, correct: equivalent ?? null, how };',
    '    }',
    '}',
    `await writeRows(${literal(out)}, judged());`,
  ].join('\n');
  return `${imports(body)}\n${body}\n`;
}
