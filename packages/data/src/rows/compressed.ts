import type { Readable } from 'node:stream';

/** Bytes that files of a kind begin with. */
const signatures = {
  gzip: [0x1f, 0x8b],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  bzip2: [0x42, 0x5a, 0x68],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  zip: [0x50, 0x4b, 0x03, 0x04],
  Parquet: [0x50, 0x41, 0x52, 0x31],
  Arrow: [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31],
} as const;

type Signature = keyof typeof signatures;

/** The longest of them. */
const signatureBytes = 6;

const kindOf = (head: Uint8Array): Signature | undefined =>
  (Object.keys(signatures) as Signature[]).find((kind) => signatures[kind].every((byte, at) => head[at] === byte));

const hints: Partial<Record<Signature, string>> = {
  Parquet: 'a Parquet file is told by its name: let it end with .parquet',
};

const refuse = (path: string, kind: Signature): never => {
  throw new RangeError(
    `readRows: ${path} must be JSONL, a JSON array (either plain, gzip or zstd) or Parquet, got ${kind} (${hints[kind] ?? 'unpack it first'})`,
  );
};

/** A stream that unpacks, or an error that says which Node has it. */
const zstd = async (
  name: 'createZstdCompress' | 'createZstdDecompress',
  where: string,
): Promise<NodeJS.ReadWriteStream> => {
  const zlib: Partial<Record<typeof name, () => NodeJS.ReadWriteStream>> = await import('node:zlib');
  const make = zlib[name];
  if (make !== undefined) return make();
  throw new RangeError(
    `${where} is zstd, which needs Node 22.15 or newer, got ${process.version} (gzip works everywhere)`,
  );
};

const firstBytes = async (path: string): Promise<Uint8Array> => {
  const { open } = await import('node:fs/promises');
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(signatureBytes), 0, signatureBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
};

/**
 * The bytes of a file, unpacked where it is gzip or zstd; by what the file begins with, whatever its name.
 *
 * @throws RangeError for another packing, a damaged file, or zstd on a Node without it
 */
export async function* readBytes(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const kind = kindOf(await firstBytes(path));
  if (kind !== undefined && kind !== 'gzip' && kind !== 'zstd') refuse(path, kind);
  const { createReadStream } = await import('node:fs');
  const source = createReadStream(path);
  if (kind === undefined) return yield* source;
  const { createGunzip } = await import('node:zlib');
  const unpack = kind === 'gzip' ? createGunzip() : await zstd('createZstdDecompress', `readRows: ${path}`);
  source.on('error', (error) => (unpack as Readable).destroy(error));
  try {
    yield* source.pipe(unpack) as unknown as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw new RangeError(`readRows: ${path} must be whole ${kind}: ${(error as Error).message}`, { cause: error });
  } finally {
    source.destroy();
  }
}

/** What packs a file of this name as it is written, or undefined for a plain one. */
export const packerFor = async (path: string): Promise<NodeJS.ReadWriteStream | undefined> => {
  if (path.endsWith('.gz')) return (await import('node:zlib')).createGzip();
  return path.endsWith('.zst') ? zstd('createZstdCompress', `writeRows: ${path}`) : undefined;
};
