import { plainJson, type Reading } from '../wire/future.ts';
import { protobufType } from '../wire/protobuf.ts';
import { passResultOf } from './pass-result.ts';

/** Reads a pass's result by what the server says it is: a server that doesn't speak protobuf answers JSON. */
export const passReading = (accept: string): Reading => ({
  accept,
  read: (bytes, type) => (type.includes(protobufType) ? passResultOf(bytes) : plainJson.read(bytes, type)),
});
