import type { Command } from './command.ts';
import { demoCommand } from './demo.ts';
import { evalCommand } from './eval.ts';
import { judgeCommand } from './judge.ts';
import { lookCommand } from './look.ts';
import { runCommand } from './run.ts';
import { searchCommand } from './search.ts';
import { trainCommand } from './train.ts';

/** Every command, in the order in which help lists them. */
export const commands: readonly Command[] = [
  trainCommand,
  runCommand,
  searchCommand,
  evalCommand,
  judgeCommand,
  lookCommand,
  demoCommand,
];
