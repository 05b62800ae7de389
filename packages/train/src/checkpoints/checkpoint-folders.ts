import { readdir } from 'node:fs/promises';

/** A finished checkpoint: `step-00000100`, or `step-00000100.2` when the same step was saved again. */
export interface CheckpointFolder {
  readonly name: string;
  readonly step: number;
  readonly turn: number;
}

const pattern = /^step-(\d+)(?:\.(\d+))?$/;

/** The finished checkpoints of a folder, oldest first. A folder that does not exist has none. */
export async function listCheckpoints(dir: string): Promise<readonly CheckpointFolder[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .map((name) => ({ name, match: pattern.exec(name) }))
    .filter(({ match }) => match)
    .map(({ name, match }) => ({ name, step: Number(match![1]), turn: Number(match![2] ?? 1) }))
    .sort((a, b) => a.step - b.step || a.turn - b.turn);
}

/** The name a checkpoint of this step gets: no finished one is ever written over. */
export function nameCheckpoint(step: number, existing: readonly CheckpointFolder[]): string {
  const base = `step-${String(step).padStart(8, '0')}`;
  const turn = Math.max(0, ...existing.filter((folder) => folder.step === step).map((folder) => folder.turn)) + 1;
  return turn === 1 ? base : `${base}.${turn}`;
}
