import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A file to be: its name and its bytes, piece by piece. */
export interface NewFile {
  readonly name: string;
  readonly chunks: Iterable<Uint8Array>;
}

const temporary = /^\.saving-(\d+)-/;
/** Hidden folders this very process is working on. */
const ours = new Set<string>();
let made = 0;

/**
 * Makes the folder `parent/name` with these files, all or nothing: they are written and fsynced in a hidden folder, which is
 * renamed into place and made durable last. A full disk, a crash or a kill at any moment leaves at most the hidden folder
 * behind, and the next save sweeps it away.
 * @throws the file system's error, after removing what was written so far.
 */
export async function writeFolder(parent: string, name: string, files: readonly NewFile[]): Promise<void> {
  await mkdir(parent, { recursive: true });
  await sweep(parent);
  const hidden = hide(parent);
  try {
    await mkdir(hidden);
    for (const file of files) await writeDurably(join(hidden, file.name), file.chunks);
    await syncFolder(hidden);
    await rename(hidden, join(parent, name));
  } catch (error) {
    await rm(hidden, { recursive: true, force: true });
    throw error;
  } finally {
    ours.delete(hidden);
  }
  await syncFolder(parent);
}

/** Removes the folder `parent/name` so that it is never seen half removed. */
export async function removeFolder(parent: string, name: string): Promise<void> {
  const hidden = hide(parent);
  try {
    await rename(join(parent, name), hidden);
    await rm(hidden, { recursive: true, force: true });
  } finally {
    ours.delete(hidden);
  }
}

/** A name nobody looks at, and that is swept away once this process is gone. */
function hide(parent: string): string {
  const hidden = join(parent, `.saving-${process.pid}-${made++}`);
  ours.add(hidden);
  return hidden;
}

/** A new file, on the disk when this returns. */
async function writeDurably(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is only on the disk once its folder is. Windows has no such call, and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes what dead processes left unfinished. Those of living ones are theirs. */
async function sweep(parent: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    const owner = temporary.exec(entry)?.[1];
    if (owner === undefined || ours.has(join(parent, entry))) continue;
    if (Number(owner) === process.pid || !isAlive(Number(owner)))
      await rm(join(parent, entry), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
