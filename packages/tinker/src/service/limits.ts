import { type ChunkLimits, usualLimits } from '../passes/chunks.ts';
import type { Connection } from '../wire/connection.ts';
import { isRecord } from '../wire/detail.ts';
import { TinkerHttpError } from '../wire/errors.ts';
import { ask } from '../wire/request.ts';

/** What one request may hold, as the server says in `client/config`; the official SDK's defaults where it doesn't. */
export async function chunkLimitsOf(wire: Connection, sdkVersion: string, signal: AbortSignal): Promise<ChunkLimits> {
  try {
    const value = await ask(wire, { path: 'client/config', body: { sdk_version: sdkVersion }, signal });
    const said = (name: string): number | undefined => {
      const limit = isRecord(value) ? value[name] : undefined;
      return Number.isSafeInteger(limit) && Number(limit) >= 1 ? Number(limit) : undefined;
    };
    return {
      data: said('fwdbwd_max_chunk_len') ?? usualLimits.data,
      bytes: said('fwdbwd_max_chunk_bytes_count') ?? usualLimits.bytes,
    };
  } catch (error) {
    // A server that has no such path has no such wish.
    if (error instanceof TinkerHttpError && error.status >= 400 && error.status < 500) return usualLimits;
    throw error;
  }
}
