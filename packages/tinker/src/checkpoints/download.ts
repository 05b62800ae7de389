/** An adapter from the server to a folder here. */
import { BodyTooLong, readBody } from '../wire/body.ts';
import type { Connection } from '../wire/connection.ts';
import { ProtocolError, TinkerHttpError } from '../wire/errors.ts';
import { plain, submit } from '../wire/request.ts';
import { readTar } from './tar.ts';

/** The two files of a PEFT adapter; an archive's others are left out. */
const wanted = ['adapter_config.json', 'adapter_model.safetensors'];

const path = 'archive';

/** Fetches a sampler checkpoint's archive and writes its two files, whole or not at all. The key goes to the server alone. */
export async function downloadAdapter(from: {
  readonly wire: Connection;
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { wire, id, name, folder, signal } = from;
  const found = await readArchive(await archive(wire, id, name, signal), wire.waits.maxBytes);
  // Files alone need Node: a page has everything else.
  const { writeFolder } = await import('@svo/files');
  await writeFolder(
    folder,
    wanted.map((file) => {
      const bytes = found.get(file);
      if (bytes === undefined) throw new ProtocolError(path, `it has no ${file}`);
      return { name: file, chunks: [bytes] };
    }),
  );
}

async function archive(wire: Connection, id: string, name: string, signal: AbortSignal): Promise<Uint8Array> {
  const { timeoutMs } = wire.waits;
  const at = `training_runs/${encodeURIComponent(id)}/checkpoints/${name}/archive`;
  let reply: Awaited<ReturnType<typeof submit>>['reply'];
  try {
    reply = (await submit(wire, { method: 'GET', path: at, signal, repeatable: true, raw: true })).reply;
  } catch (error) {
    throw plain(error);
  }
  if (reply.status < 300) return reply.bytes;
  const location = reply.headers.get('location');
  if (location === null) throw new ProtocolError(path, 'a redirection without a location');
  const fetched = await wire.fetchPlain(location, { signal, timeoutMs });
  if (fetched.status !== 200) throw new TinkerHttpError(path, fetched.status, 'the location it leads to');
  return fetched.bytes;
}

async function readArchive(packed: Uint8Array, maxBytes: number): Promise<ReadonlyMap<string, Uint8Array>> {
  try {
    return readTar(await gunzip(packed, maxBytes), { mostFiles: 64 });
  } catch (error) {
    const what = error instanceof RangeError || error instanceof BodyTooLong ? error.message : 'it is no gzip';
    throw new ProtocolError(path, what);
  }
}

/** Bounded: a small archive can hold a great many zeros. */
function gunzip(packed: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const stream = new Blob([packed as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
  return readBody(stream, maxBytes);
}
