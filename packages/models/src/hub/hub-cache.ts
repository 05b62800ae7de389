/**
 * The cache that Hugging Face's tools share: `models--org--name/blobs/<etag>`, `snapshots/<commit>/<file>` as links to them, `refs/<revision>` with a
 * commit in it.
 */
import { writeWhole } from '@svo/files';
import { fileExists } from '../folders/files.ts';
import { type HubFile, type HubModel, hubBytes } from './hub-client.ts';
import type { HubSettings } from './hub-settings.ts';

/** A model's folder in the cache. */
export const modelCache = ({ cache }: HubSettings, { name }: HubModel): string =>
  `${cache.replace(/[\\/]+$/, '')}/models--${name.replace('/', '--')}`;

/** The commit a revision stood for when it was last asked for. */
export const cachedCommit = async (settings: HubSettings, model: HubModel): Promise<string | undefined> => {
  if (/^[0-9a-f]{40}$/.test(model.revision)) return model.revision;
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(`${modelCache(settings, model)}/refs/${model.revision}`, 'utf8').catch(() => '');
  return /^[0-9a-f]{40}$/.test(text.trim()) ? text.trim() : undefined;
};

/** Remembers which commit a revision stands for. */
export const keepCommit = async (settings: HubSettings, model: HubModel, commit: string): Promise<void> => {
  if (model.revision !== commit) await writeWhole(`${modelCache(settings, model)}/refs/${model.revision}`, commit);
};

/** The hash that names a blob: SHA-256 of its bytes, or git's SHA-1 of them behind their length. */
const hashOf = async (path: string, { etag, size }: HubFile): Promise<string> => {
  const [{ createHash }, { createReadStream }] = await Promise.all([import('node:crypto'), import('node:fs')]);
  const hash = createHash(etag.length === 64 ? 'sha256' : 'sha1');
  if (etag.length === 40) hash.update(`blob ${size}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
};

const sizeOf = async (path: string): Promise<number> => {
  const { stat } = await import('node:fs/promises');
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
};

/** Fetches what is missing of a file behind what is there, and puts it on the disk. */
const fetchRest = async (
  settings: HubSettings,
  model: HubModel,
  path: string,
  { commit, file, size }: { commit: string; file: string; size: number },
): Promise<void> => {
  const { open } = await import('node:fs/promises');
  const held = await sizeOf(path);
  if (held === size && size > 0) return;
  const { body, start } = await hubBytes(settings, model, { commit, file, start: held < size ? held : 0, size });
  const target = await open(path, start > 0 ? 'r+' : 'w');
  try {
    let at = start;
    for await (const chunk of body) {
      if (at + chunk.length > size)
        throw new RangeError(`loadPretrained: ${model.name}: ${file} must have ${size} bytes, the Hub sent more`);
      // A disk that is nearly full takes a part: without the rest there would be a hole before what comes next.
      for (let done = 0; done < chunk.length; )
        done += (await target.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
      at += chunk.length;
    }
    await target.sync();
  } finally {
    await target.close();
  }
};

const attempts = 3;

/**
 * A file's blob: the one in the cache, or fetched, going on where an earlier download ended. It gets its name when all of it is there and its hash is right.
 * @returns its path
 * @throws RangeError when the connection breaks again and again (what came is kept for the next try), or the content does not match its hash (it is thrown away)
 */
export const fetchBlob = async (
  settings: HubSettings,
  model: HubModel,
  { commit, file, etag, size }: HubFile & { commit: string; file: string },
): Promise<string> => {
  const { mkdir, rename, rm } = await import('node:fs/promises');
  const blobs = `${modelCache(settings, model)}/blobs`;
  const blob = `${blobs}/${etag}`;
  if (await fileExists(blob)) return blob;
  await mkdir(blobs, { recursive: true });
  const incomplete = `${blob}.incomplete`;
  for (let attempt = 1; (await sizeOf(incomplete)) !== size || !(await fileExists(incomplete)); attempt++) {
    if (attempt > attempts)
      throw new RangeError(
        `loadPretrained: ${model.name}: ${file} ended at byte ${await sizeOf(incomplete)} of ${size}, ${attempts} times (call again to go on from there)`,
      );
    await fetchRest(settings, model, incomplete, { commit, file, size }).catch(unlessBroken);
  }
  if ((await hashOf(incomplete, { etag, size })) !== etag) {
    await rm(incomplete);
    throw new RangeError(
      `loadPretrained: ${model.name}: ${file} does not match its hash and was thrown away (call again)`,
    );
  }
  await rename(incomplete, blob);
  return blob;
};

/** A connection that broke within a file is tried again; a full disk, or an answer that is wrong, is not. */
const unlessBroken = (error: unknown): void => {
  if (!(error instanceof TypeError)) throw error;
};

/** Puts a blob into a snapshot under its file's name: a link, or a copy where the system makes none. */
export const placeInSnapshot = async (folder: string, file: string, blob: string): Promise<void> => {
  const { copyFile, mkdir, rename, rm, symlink } = await import('node:fs/promises');
  const { basename } = await import('node:path');
  const place = `${folder}/${file}`;
  if (await fileExists(place)) return;
  await mkdir(folder, { recursive: true });
  const hidden = `${folder}/.${file}.${process.pid}.${Date.now().toString(36)}`;
  try {
    await symlink(`../../blobs/${basename(blob)}`, hidden).catch(() => copyFile(blob, hidden));
    await rename(hidden, place);
  } catch (error) {
    await rm(hidden, { force: true });
    throw error;
  }
};
