/** Results kept as JSON in a folder, so that a long run that was stopped goes on from what it has. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '@svo/files';

/** What it took: seconds by the clock, and of the processor. */
export interface Time {
  readonly seconds: number;
  readonly processor: number;
}

/** Begins to measure; the function it gives says how long it has been. */
export function stopwatch(): () => Time {
  const [start, begun] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(begun);
    return { seconds: (performance.now() - start) / 1e3, processor: (user + system) / 1e6 };
  };
}

/**
 * A function that gives what `make` gives, from its file in the folder where it was made before.
 *
 * @throws RangeError when the folder holds results of other settings
 */
export async function keptIn(folder: string, settings: object) {
  async function kept<Value>(name: string, make: () => Promise<Value>): Promise<Value> {
    const path = join(folder, `${name}.json`);
    if (existsSync(path)) return JSON.parse(await readFile(path, 'utf8'));
    const made = await make();
    await writeWhole(path, JSON.stringify(made));
    return made;
  }
  const wanted = JSON.stringify(settings);
  const found = JSON.stringify(await kept('settings', async () => settings));
  if (found !== wanted)
    throw new RangeError(`${folder} holds results of ${found}, got ${wanted}: give these a folder of their own`);
  return kept;
}
