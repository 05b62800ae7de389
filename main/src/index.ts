export { help, OptionError, type Options, parseOptions } from './options.ts';
export { runJob } from './run.ts';
export { files } from './shell/run-folder.ts';
export { type Summary, summaryTable } from './summary.ts';
