import { protobufType } from './bytes/protobuf.ts';
import { plainJson, type Reading } from './future.ts';

/** Reads a result by what the server says it is: a server that doesn't speak protobuf answers JSON. */
export const readingOf = (accept: string, message: (bytes: Uint8Array) => unknown): Reading => ({
  accept,
  read: (bytes, type) => (type.includes(protobufType) ? message(bytes) : plainJson.read(bytes, type)),
});
