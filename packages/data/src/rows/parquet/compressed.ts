import type { Readable } from 'node:stream';
import { zstdFrames } from './zstd-frames.ts';

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

type Packer = 'createZstdCompress' | 'createZstdDecompress';

/** zstd of this Node, or an error that says which has it. */
const zstd = async (name: Packer, where: string): Promise<() => NodeJS.ReadWriteStream> => {
  const { constants, ...zlib } = await import('node:zlib');
  const make = (zlib as Partial<Record<Packer, (options: object) => NodeJS.ReadWriteStream>>)[name];
  if (make === undefined) {
    throw new RangeError(
      `${where} is zstd, which needs Node 22.15 or newer, got ${process.version} (gzip works everywhere)`,
    );
  }
  // A checksum, so that a damaged file is told from a whole one.
  const params = name === 'createZstdCompress' ? { [constants.ZSTD_c_checksumFlag]: 1 } : {};
  return () => make({ params });
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
  try {
    if (kind === 'zstd') yield* unpackedFrames(source, await zstd('createZstdDecompress', `readRows: ${path}`));
    else yield* unpacked(source, (await import('node:zlib')).createGunzip());
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new RangeError(`readRows: ${path} must be whole ${kind}: ${(error as Error).message}`, { cause: error });
  } finally {
    source.destroy();
  }
}

/** What a stream unpacks. */
const unpacked = (packed: AsyncIterable<Uint8Array>, unpack: NodeJS.ReadWriteStream): AsyncIterable<Uint8Array> => {
  // A damaged stream may fail twice; the second time nobody waits for it, and Node would end the process.
  unpack.on('error', () => undefined);
  return compose(packed, unpack);
};

async function* compose(
  packed: AsyncIterable<Uint8Array>,
  unpack: NodeJS.ReadWriteStream,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { Readable } = await import('node:stream');
  const source = Readable.from(packed, { objectMode: false });
  source.on('error', (error) => (unpack as unknown as Readable).destroy(error));
  try {
    yield* source.pipe(unpack) as unknown as AsyncIterable<Uint8Array>;
  } finally {
    source.destroy();
  }
}

/** Each frame by a stream of its own. */
async function* unpackedFrames(
  packed: AsyncIterable<Uint8Array>,
  make: () => NodeJS.ReadWriteStream,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = packed[Symbol.asyncIterator]();
  const frames = zstdFrames();
  let rest: Uint8Array = new Uint8Array();
  const more = async (): Promise<boolean> => {
    while (rest.length === 0) {
      const { value, done } = await chunks.next();
      if (done) return false;
      rest = value;
    }
    return true;
  };
  async function* frame(): AsyncGenerator<Uint8Array, void, undefined> {
    while (await more()) {
      const read = frames.push(rest);
      const part = rest.subarray(0, read);
      rest = rest.subarray(read);
      yield part;
      if (frames.atEnd()) return;
    }
    throw new Error('the file ends within a frame');
  }
  while (await more()) yield* unpacked(frame(), make());
}

/** What packs a file of this name as it is written, or undefined for a plain one. */
export const packerFor = async (path: string): Promise<NodeJS.ReadWriteStream | undefined> => {
  if (path.endsWith('.gz')) return (await import('node:zlib')).createGzip();
  return path.endsWith('.zst') ? (await zstd('createZstdCompress', `writeRows: ${path}`))() : undefined;
};
