/** Bodies as zstd, where this runtime can write it: Node 22.15 and later, pages whose `CompressionStream` knows it. */
import type { Body } from '../connection.ts';

interface Zlib {
  readonly zstdCompress?: (
    bytes: Uint8Array,
    options: object,
    done: (error: Error | null, packed: Uint8Array) => void,
  ) => void;
}

/** A body compressed; as it is where that can't be done, which a server that asks for it takes too. */
export async function zstdBody(body: Body): Promise<Body> {
  const packed = (await byNode(body.bytes)) ?? (await byStream(body.bytes));
  return packed ? { ...body, bytes: packed, encoding: 'zstd' } : body;
}

function byNode(bytes: Uint8Array): Promise<Uint8Array> | undefined {
  // A page has no `process`; Node before 22.15 no such function.
  const { zstdCompress } = (globalThis.process?.getBuiltinModule?.('node:zlib') ?? {}) as Zlib;
  if (!zstdCompress) return undefined;
  return new Promise((resolve, reject) => {
    zstdCompress(bytes, {}, (error, packed) => (error ? reject(error) : resolve(packed)));
  });
}

async function byStream(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  let stream: CompressionStream;
  try {
    stream = new CompressionStream('zstd' as 'gzip');
  } catch {
    return undefined;
  }
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
