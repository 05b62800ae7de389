/** Rows of a table by number, and the table's gradient. */
import { at } from './math';

@unmanaged
export class Table {
  count: i32;
  V: i32;
  D: i32;
  /** Rows a gathering task handles, or columns a scattering one. */
  step: i32;
  ids: usize;
  table: usize;
  rows: usize;
}

export function gatherTask(task: i32, p: Table): void {
  const to = min(p.count, (task + 1) * p.step);
  const bytes = (p.D as usize) << 2;
  for (let i = task * p.step; i < to; i++)
    memory.copy(p.rows + bytes * i, p.table + bytes * load<i32>(at(p.ids, i)), bytes);
}

/** The table's gradient. A task owns a range of columns and walks all rows in order: no two threads meet, and the sums' order is fixed. */
export function scatterTask(task: i32, p: Table): void {
  const from = task * p.step;
  const width = min(p.D, from + p.step) - from;
  for (let v: i32 = 0; v < p.V; v++) memory.fill(at(p.table, v * p.D + from), 0, (width as usize) << 2);
  for (let i: i32 = 0; i < p.count; i++) {
    const to = at(p.table, load<i32>(at(p.ids, i)) * p.D + from);
    const row = at(p.rows, i * p.D + from);
    let j: i32 = 0;
    for (; j + 4 <= width; j += 4) v128.store(at(to, j), f32x4.add(v128.load(at(to, j)), v128.load(at(row, j))));
    for (; j < width; j++) store<f32>(at(to, j), load<f32>(at(to, j)) + load<f32>(at(row, j)));
  }
}
