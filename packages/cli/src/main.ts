import type { Command } from './commands/command.ts';
import { commands } from './commands/index.ts';
import { parseArguments } from './config/arguments.ts';
import { meant } from './config/nearest.ts';
import { settleConfig } from './config/settle.ts';
import { Interrupted, UsageError } from './errors.ts';
import { commandHelp, help } from './help.ts';
import { openShell } from './shell/shell.ts';
import type { Out, Streams } from './shell/streams.ts';

/**
 * `svo`: 0 done, 1 failed, 2 bad usage, 130 interrupted. It reads and speaks by `streams` alone, in the folder of the process.
 *
 * @param interruption - called once, when something is about to be done: aborted with `Interrupted`, it ends the command where it stands
 * @returns the exit code
 */
export async function main(
  args: readonly string[],
  streams: Streams,
  interruption: () => AbortSignal,
): Promise<number> {
  try {
    const [name, ...rest] = args;
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      streams.stdout.write(help());
      return 0;
    }
    await runCommand(commandNamed(name), rest, streams, interruption);
    return 0;
  } catch (error) {
    return failed(error, streams.stderr);
  }
}

function commandNamed(name: string): Command {
  const command = commands.find((one) => one.name === name);
  if (command !== undefined) return command;
  const names = commands.map((one) => one.name);
  throw new UsageError(`svo: there is no command '${name}'${meant(name, names)}; expected one of ${names.join(', ')}`);
}

async function runCommand(
  command: Command,
  args: readonly string[],
  streams: Streams,
  interruption: () => AbortSignal,
): Promise<void> {
  const given = parseArguments(args);
  if (given.help) {
    streams.stdout.write(commandHelp(command));
    return;
  }
  const plan = command.prepare(await settleConfig(given, process.cwd()), given);
  if (given.printCode) {
    streams.stdout.write(plan.code());
    return;
  }
  const shell = openShell(streams, interruption());
  if (given.dryRun) {
    const { lines, record } = await plan.estimate();
    shell.tell('estimate', { command: command.name, ...record }, lines.join('\n'));
    return;
  }
  await plan.run(shell, { resume: given.resume });
}

function failed(error: unknown, err: Out): number {
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
