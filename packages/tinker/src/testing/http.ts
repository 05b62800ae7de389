/** Between a connection's bytes and what the server thinks in. */
import type { IncomingMessage } from 'node:http';
import * as zlib from 'node:zlib';
import { protobufType } from '../wire/bytes/protobuf.ts';
import { passFromProtobuf, resultToProtobuf } from './protobuf.ts';
import type { Answer } from './routes.ts';

/** A body without its compression. */
export const unpacked = (bytes: Buffer, { headers }: IncomingMessage): Uint8Array =>
  headers['content-encoding'] === 'zstd' ? zlib.zstdDecompressSync(bytes) : bytes;

const refuse = (status: number, detail: string): Answer => ({ status, body: { detail } });

/** What a request asks for: its path below `/api/v1/` and its body, or the refusal it gets at once. */
export function askedOf(
  { method, headers }: IncomingMessage,
  pathname: string,
  bytes: Uint8Array,
  protobuf: boolean,
): { readonly path: string; readonly body: Record<string, unknown> } | Answer {
  const prefix = '/api/v1/';
  const path = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : undefined;
  if (path === undefined || path.startsWith('/')) return refuse(404, 'Not Found');
  if (method !== 'POST') return { path, body: {} };
  const type = headers['content-type'];
  if (protobuf && type === protobufType && path === 'forward_backward') {
    try {
      return passFromProtobuf(bytes);
    } catch {
      return refuse(422, 'no protobuf');
    }
  }
  if (type !== 'application/json') return refuse(422, 'no JSON');
  return { path, body: bytes.length === 0 ? {} : (JSON.parse(new TextDecoder().decode(bytes)) as object as never) };
}

/** An answer as it goes out: results of passes and samples as protobuf, where that was asked for. */
export function writtenOf(
  { status, body, resultOf }: Answer,
  asProtobuf: boolean,
): { readonly status: number; readonly type: string; readonly bytes: Uint8Array | string } {
  const bytes = asProtobuf && resultOf !== undefined ? resultToProtobuf(resultOf, body!) : undefined;
  if (bytes) return { status, type: protobufType, bytes };
  return { status, type: 'application/json', bytes: body === undefined ? '' : JSON.stringify(body) };
}

/** What lets pages of an origin call the server. */
export const corsFor = (origin: string): Record<string, string> => ({
  'access-control-allow-origin': origin,
  'access-control-allow-headers': 'content-type, x-api-key, accept',
  'access-control-allow-methods': 'GET, POST, DELETE',
});
