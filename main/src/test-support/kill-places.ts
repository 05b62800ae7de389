/**
 * Where a run is killed, in the order it comes by. The run ends itself there, as by `kill -9`, at the first call to the file
 * system that makes a place's files be there: who watches from outside comes too late on a busy machine.
 */
import fs, { existsSync, readdirSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

const hasTrees = (folder: string, place: string): boolean => {
  const trees = join(folder, 'material', place, 'trees');
  return existsSync(trees) && readdirSync(trees).length > 2;
};
const isTraining = (folder: string, stage: string): boolean =>
  existsSync(join(folder, 'checkpoints', `${stage}.progress`));

/** A place is reached when its files are there. */
export const places: Readonly<Record<string, (folder: string) => boolean>> = {
  'at its very beginning': (folder) => existsSync(join(folder, 'config.json')),
  'in the base’s training': (folder) => isTraining(folder, 'base'),
  'while the base cools': (folder) => existsSync(join(folder, 'checkpoints', 'base.cooling.json')),
  'while solutions are drawn': (folder) => hasTrees(folder, 'draws-1'),
  'in the first training': (folder) => isTraining(folder, 'draws-rft-1'),
  'in a second round': (folder) => hasTrees(folder, 'draws-dvo-2'),
  'in the search': (folder) => hasTrees(folder, 'trees-1'),
  'in the last training': (folder) => isTraining(folder, 'trees-dvo-2'),
};

/** From now on, whatever is written is followed by a look whether the place is reached. */
export function endAt(place: string, folder: string): void {
  const reached = places[place]!;
  const look = (): void => {
    if (reached(folder)) process.kill(process.pid, 'SIGKILL');
  };
  for (const name of ['mkdir', 'writeFile', 'rename'] as const) {
    const call = promises[name] as (...given: unknown[]) => Promise<unknown>;
    Object.assign(promises, { [name]: (...given: unknown[]) => call(...given).finally(look) });
  }
  for (const name of ['mkdirSync', 'writeFileSync', 'renameSync'] as const) {
    const call = fs[name] as (...given: unknown[]) => unknown;
    Object.assign(fs, {
      [name]: (...given: unknown[]) => {
        const result = call(...given);
        look();
        return result;
      },
    });
  }
  syncBuiltinESMExports();
}
