/**
 * Spreads cells over processes. Plain child processes, not @svo/queue: that queue's jobs are tree searches and its results
 * trees, and a study on one machine needs neither a server nor a second delivery. A worker holds the bases of the seeds it
 * worked on, so it gets cells of one seed as long as there are any, and no seed is in two workers' hands at once.
 */
import { fork } from 'node:child_process';
import { benchId, type Cell, type Row } from './cell.ts';

/** Where a worker keeps bases and material, and the cells of one bench it is to work out. */
export interface Order {
  readonly folder: string;
  readonly cells: readonly Cell[];
}

/** Cells of a part that share a base and material. */
interface Group {
  readonly part: string;
  readonly bench: string;
  readonly cells: Cell[];
}

/** What a worker says: a row, that its order is done, or what went wrong. */
export type Word = { readonly row: Row } | { readonly done: true } | { readonly failed: string };

/**
 * Works the cells of all parts out, part after part, and hands each row over as it comes.
 *
 * @throws Error with a worker's own words when a cell fails; rows handed over before stay
 */
export async function workAll(
  script: string,
  workers: number,
  folder: string,
  cells: readonly (readonly [part: string, cell: Cell])[],
  took: (part: string, row: Row) => void,
): Promise<void> {
  const waiting = groupsOf(cells);
  const busy = new Set<string>();
  let wake: (() => void)[] = [];
  const next = async (): Promise<Group | undefined> => {
    for (;;) {
      if (waiting.length === 0) return undefined;
      const at = waiting.findIndex(({ bench }) => !busy.has(bench));
      if (at >= 0) {
        const [group] = waiting.splice(at, 1);
        busy.add(group!.bench);
        return group;
      }
      await new Promise<void>((resolve) => wake.push(resolve));
    }
  };
  const serve = async (): Promise<void> => {
    const worker = fork(script, {
      execArgv: ['--conditions=@svo/source'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    try {
      for (let group = await next(); group !== undefined; group = await next()) {
        const { part, bench, cells } = group;
        await workGroup(worker, { folder, cells }, (row) => took(part, row));
        busy.delete(bench);
        for (const resolve of wake) resolve();
        wake = [];
      }
    } catch (error) {
      waiting.length = 0;
      throw error;
    } finally {
      worker.kill();
      for (const resolve of wake) resolve();
    }
  };
  await Promise.all(Array.from({ length: workers }, serve));
}

function workGroup(worker: ReturnType<typeof fork>, order: Order, took: (row: Row) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null): void => reject(new Error(`study: a worker ended with ${code}`));
    worker.once('exit', gone);
    const listen = (word: Word): void => {
      if ('row' in word) {
        took(word.row);
        return;
      }
      worker.off('message', listen);
      worker.off('exit', gone);
      if ('done' in word) resolve();
      else reject(new Error(word.failed));
    };
    worker.on('message', listen);
    worker.send(order);
  });
}

/** Neighbouring cells of one part and bench together, in the order they come. */
function groupsOf(cells: readonly (readonly [part: string, cell: Cell])[]): Group[] {
  const groups = new Map<string, Group>();
  for (const [part, cell] of cells) {
    const bench = benchId(cell);
    const key = `${part} ${bench} ${cell.training}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { part, bench, cells: [cell] });
    else group.cells.push(cell);
  }
  return [...groups.values()];
}
