import type { About } from './commands/command.ts';
import { commands } from './commands/index.ts';
import { keyFlags } from './config/arguments.ts';

/** `svo --help`. */
export const help = (): string => `svo: step-level value RL for one's own language model

${commands.map(({ name, summary }) => `  svo ${name.padEnd(8)} ${summary}`).join('\n')}

  --config, -c FILE svo.config.ts, .js, .json or .yaml; the one in this folder by default
  --set key=value   any key of the configuration, such as --set train.learningRate=1e-5
  --dry-run         tokens, memory and minutes, before anything is spent
  --print-code      the TypeScript that does the same
  --resume          go on with the run in --out, and fail where there is none (the same command goes on by itself)
  --serve           svo judge: answer HTTP, and read no files
  --port N          svo judge --serve, svo look: where on this machine they answer; one that is free by default
  --help, -h        this page, and of a command its own

Flags that stand for keys of the configuration: ${keyFlags.map((name) => `--${name}`).join(' ')}

Exit codes: 0 done, 1 failed, 2 bad usage, 130 interrupted. "svo COMMAND --help" says more.
`;

/** `svo train --help`. */
export const commandHelp = ({ name, summary, examples, keys }: About): string => `svo ${name}: ${summary}

${examples.map((line) => `  ${line}`).join('\n')}

Reads of the configuration: ${keys.join(', ')}.
Flags stand for keys: ${keyFlags.map((name) => `--${name}`).join(' ')};
--set reaches all of them. The other flags are those of "svo --help".
`;
