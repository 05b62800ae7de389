let count = 0;

/**
 * Writes a file so that a reader sees the old one or the new one, never a part: `write` fills a temporary file beside it,
 * which is synced to disk and renamed. When `write` throws, the old file stays and the temporary one is removed.
 */
export async function writeAtomically(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const { open, rename, rm } = await import('node:fs/promises');
  const { dirname } = await import('node:path');
  const temporary = `${path}.${process.pid}-${count++}.tmp`;
  const sync = async (name: string): Promise<void> => {
    const handle = await open(name, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  };
  try {
    await write(temporary);
    await sync(temporary);
    await rename(temporary, path);
    // The rename itself is a change of the folder.
    await sync(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
