import { type ChunkLimits, usualLimits } from '../passes/chunks.ts';
import type { Connection } from '../wire/connection.ts';
import { isRecord } from '../wire/detail.ts';
import { TinkerHttpError } from '../wire/errors.ts';
import { ask } from '../wire/request.ts';
import { sdkVersion } from './session.ts';

/** What a server wants of passes, as it says in `client/config`; the official SDK's defaults where it doesn't. */
export interface ServerConfig {
  /** What one request may hold. */
  readonly limits: ChunkLimits;
  /** Whether protobuf bodies are to come compressed (`proto_compress_fwdbwd`). */
  readonly zstd: boolean;
}

/** What holds for a server that has no wishes. */
const usualConfig: ServerConfig = { limits: usualLimits, zstd: false };

/** Asks for it once, when somebody first needs it: who only samples never does. A failure is asked again. */
export function serverConfig(wire: Connection, signal: AbortSignal): () => Promise<ServerConfig> {
  let asked: Promise<ServerConfig> | undefined;
  return () => {
    asked ??= configOf(wire, signal).catch((error: unknown) => {
      asked = undefined;
      throw error;
    });
    return asked;
  };
}

async function configOf(wire: Connection, signal: AbortSignal): Promise<ServerConfig> {
  try {
    const value = await ask(wire, { path: 'client/config', body: { sdk_version: sdkVersion }, signal });
    const said = (name: string): unknown => (isRecord(value) ? value[name] : undefined);
    const most = (name: string, usual: number): number => {
      const limit = said(name);
      return Number.isSafeInteger(limit) && Number(limit) >= 1 ? Number(limit) : usual;
    };
    const limits = {
      data: most('fwdbwd_max_chunk_len', usualLimits.data),
      bytes: most('fwdbwd_max_chunk_bytes_count', usualLimits.bytes),
    };
    return { limits, zstd: said('proto_compress_fwdbwd') === true };
  } catch (error) {
    // A server that has no such path has no such wish.
    if (error instanceof TinkerHttpError && error.status >= 400 && error.status < 500) return usualConfig;
    throw error;
  }
}
