/** `npm run study`: what step values are worth, cell by cell. */
import { OptionError } from '../options.ts';
import { help, parseStudyOptions } from './options.ts';
import { runStudy } from './run-study.ts';

try {
  const options = parseStudyOptions(process.argv.slice(2).filter((argument) => argument !== '--'));
  if (options === 'help') process.stdout.write(help);
  else await runStudy(options, process.stdout);
  process.exit(0);
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  process.stderr.write(`${error.message}\n(--help lists the options)\n`);
  process.exit(2);
}
