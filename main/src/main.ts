/** `npm start`: reads the options, runs the job, shows what came of it. */
import { help, OptionError, parseOptions } from './options.ts';
import { runJob } from './run.ts';
import { files } from './shell/run-folder.ts';
import { summaryTable } from './summary.ts';

try {
  // npm and pnpm hand the `--` of `npm start -- …` on.
  const options = parseOptions(process.argv.slice(2).filter((argument) => argument !== '--'));
  if (options === 'help') process.stdout.write(help);
  else {
    const summary = await runJob(options, process.stdout);
    process.stdout.write(`\n${summaryTable(summary, options.objectives)}\n\n  open ${options.out}/${files.report}\n`);
  }
  process.exit(0);
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  process.stderr.write(`${error.message}\n(--help lists the options)\n`);
  process.exit(2);
}
