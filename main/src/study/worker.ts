/** A process of the study: takes orders, says rows. */
import { disposeTensors } from '@svo/train';
import type { Task } from '../tasks/task.ts';
import { type Bench, openBench } from './bench.ts';
import { benchId } from './cell.ts';
import type { Order, Word } from './pool.ts';
import { secondsSince, work } from './work.ts';

const say = (word: Word): void => {
  process.send!(word);
};

/** Answers every order that comes; `smaller` changes the task for a test. */
export function serve(smaller?: (task: Task) => Task): void {
  let held: { readonly name: string; readonly bench: Bench } | undefined;
  const benchOf = async ({ folder, cells }: Order): Promise<Bench> => {
    const name = benchId(cells[0]!);
    if (held?.name === name) return held.bench;
    if (held !== undefined) disposeTensors(held.bench.base);
    held = { name, bench: await openBench(folder, cells[0]!, smaller) };
    return held.bench;
  };
  // A killed parent must not leave its workers behind.
  process.on('disconnect', () => process.exit(1));
  process.on('message', async (order: Order) => {
    try {
      const began = process.cpuUsage();
      const bench = await benchOf(order);
      let opened = secondsSince(began);
      for (const cell of order.cells) {
        const row = await work(bench, cell);
        say({ row: { ...row, seconds: Math.round(10 * (row.seconds + opened)) / 10 } });
        opened = 0;
      }
      say({ done: true });
    } catch (error) {
      say({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
}

if (process.argv[1] === import.meta.filename) serve();
