/** The study: cells without a row are worked out, part after part. */
import { join } from 'node:path';
import { type Cell, cellId } from './cell.ts';
import type { StudyOptions } from './options.ts';
import { parts } from './parts.ts';
import { workAll } from './pool.ts';
import { appendRow, readRows } from './results.ts';

/** The cells of some parts that have no row, each once, under the first part that asks for it. */
export function missingCells({
  parts: names,
  methods,
  seeds,
  sizes,
  results,
}: StudyOptions): (readonly [string, Cell])[] {
  const known = new Set(readRows(results).keys());
  return names.flatMap((part) =>
    parts[part]!(seeds)
      .filter(({ method }) => methods.includes(method))
      .map((cell) => resized(cell, sizes))
      .flatMap((cell): (readonly [string, Cell])[] => {
        const id = cellId(cell);
        if (known.has(id)) return [];
        known.add(id);
        return [[part, cell]];
      }),
  );
}

/** A cell on a bench of another size, for a study made small. */
function resized(cell: Cell, sizes: StudyOptions['sizes']): Cell {
  const all = { ...cell.sizes, ...sizes };
  return { ...cell, sizes: all, questions: Math.min(cell.questions, all.questions) };
}

/** Runs what is missing and says how far it is. */
export async function runStudy(
  options: StudyOptions,
  out: NodeJS.WritableStream,
  script: string = join(import.meta.dirname, 'worker.ts'),
): Promise<void> {
  const cells = missingCells(options);
  out.write(`study: ${cells.length} cells to do, ${options.workers} workers\n`);
  const began = performance.now();
  let done = 0;
  await workAll(script, options.workers, options.folder, cells, (part, row) => {
    appendRow(options.results, part, row);
    const { method, seed, training, values } = row.cell;
    const share = (right: number): string => ((100 * right) / row.of).toFixed(1);
    const seconds = (performance.now() - began) / 1000;
    out.write(
      `${++done}/${cells.length} ${seconds.toFixed(0)} s  ${part}: ${method} (${values}, seed ${seed}.${training}) ${share(row.greedy)} greedy, ${share(row.sampled)} sampled, ${row.seconds} s\n`,
    );
  });
}
