import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { files, OptionError, parseOptions, runJob, summaryTable } from '@svo/main';
import { literal } from '../code/literal.ts';
import { UsageError } from '../errors.ts';
import { type DemoPlan, demoPlanOf } from '../plans/demo-plan.ts';
import type { Shell } from '../shell/shell.ts';
import { type Command, defineCommand } from './command.ts';

export const demoCommand: Command = defineCommand({
  name: 'demo',
  summary: 'the main job’s short setting: a small model learns which of its steps were at fault',
  examples: ['svo demo', 'svo demo --objective dvo --out runs/demo-dvo'],
  keys: ['out', 'seed', 'objective', 'backend'],
  plan: demoPlanOf,
  code: ({ options }) =>
    `import { parseOptions, runJob } from '@svo/main';\n\nconst options = parseOptions(${literal(options)});\nif (options !== 'help') await runJob(options, process.stdout);\n`,
  estimate: async () => ({
    lines: [
      'a model of 60 thousand weights, trained from nothing: about a minute on two cores, half a gigabyte of memory',
    ],
    record: { parameters: 60_000, minutes: 1, memory_bytes: 5e8 },
  }),
  run: runDemo,
});

/** It says what `npm start` of the repository says, in its words; a record comes in the end alone. */
async function runDemo({ out, options }: DemoPlan, shell: Shell): Promise<void> {
  const resume = existsSync(join(out, files.config)) && !existsSync(join(out, files.summary)) ? ['--resume'] : [];
  // Its stages are saved as they are finished, and it ends where it stands: the same command goes on from there.
  const stop = (): void => process.exit(130);
  shell.signal.addEventListener('abort', stop, { once: true });
  try {
    const settled = parseOptions([...options, ...resume]);
    if (settled === 'help') return;
    const summary = await runJob(settled, shell.streams.stdout);
    const report = join(out, files.report);
    const { base } = summary;
    const record = { command: 'demo', base: base.greedy, draws: summary.draws, report };
    shell.tell('done', record, `\n${summaryTable(summary, settled.objectives)}\n\n  open ${report}`);
  } catch (error) {
    if (error instanceof OptionError) throw new UsageError(error.message);
    throw error;
  } finally {
    shell.signal.removeEventListener('abort', stop);
  }
}
