import type { Command } from './commands/command.ts';
import { commands } from './commands/index.ts';
import { parseArguments } from './config/arguments.ts';
import { nearest } from './config/nearest.ts';
import { settleConfig } from './config/settle.ts';
import { Interrupted, UsageError } from './errors.ts';
import { commandHelp, help } from './help.ts';
import { interruption } from './shell/interrupt.ts';
import { openShell } from './shell/shell.ts';

/**
 * `svo`: 0 done, 1 failed, 2 bad usage, 130 interrupted.
 *
 * @returns the exit code
 */
export async function main(args: readonly string[], out: NodeJS.WriteStream, err: NodeJS.WriteStream): Promise<number> {
  try {
    const [name, ...rest] = args;
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      out.write(help());
      return 0;
    }
    await runCommand(commandNamed(name), rest, out);
    return 0;
  } catch (error) {
    return failed(error, err);
  }
}

function commandNamed(name: string): Command {
  const command = commands.find((one) => one.name === name);
  if (command !== undefined) return command;
  const names = commands.map((one) => one.name);
  const near = nearest(name, names);
  throw new UsageError(
    `svo: there is no command '${name}'${near === undefined ? '' : ` (did you mean '${near}'?)`}; expected one of ${names.join(', ')}`,
  );
}

async function runCommand(command: Command, args: readonly string[], out: NodeJS.WriteStream): Promise<void> {
  const given = parseArguments(args);
  if (given.help) {
    out.write(commandHelp(command));
    return;
  }
  const plan = command.prepare(await settleConfig(given, process.cwd()), given);
  if (given.printCode) {
    out.write(plan.code());
    return;
  }
  const shell = openShell(out, interruption());
  if (given.dryRun) {
    const { lines, record } = await plan.estimate();
    shell.tell('estimate', { command: command.name, ...record }, lines.join('\n'));
    return;
  }
  await plan.run(shell, { resume: given.resume });
}

function failed(error: unknown, err: NodeJS.WriteStream): number {
  if (error instanceof Interrupted) {
    err.write('svo: interrupted; the same command goes on from here\n');
    return error.exitCode;
  }
  const message = error instanceof Error ? error.message : String(error);
  err.write(`${message}\n`);
  // Where a fault is ours, the place it comes from is what helps.
  if (process.env.SVO_DEBUG && error instanceof Error) err.write(`${error.stack}\n`);
  return error instanceof UsageError ? 2 : 1;
}
