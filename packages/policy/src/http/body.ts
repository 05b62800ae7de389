import { policyError } from './errors.ts';
import { connectionError } from './network.ts';

/**
 * Reads a body as text, chunk by chunk, and stops at `maxBytes`: a server that sends gigabytes costs no more than that.
 * Throws a PolicyError of kind `malformed` after letting go of the connection (how much of it the model wrote, nobody knows),
 * and one of kind `connection` when the body breaks off; `ownCode` as in `connectionError`.
 */
export async function* readBounded(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  ownCode = false,
): AsyncGenerator<string, void, undefined> {
  if (body === null) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let bytes = 0;
  let finished = false;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw connectionError(error, ownCode);
      });
      if (done) break;
      bytes += value.byteLength;
      if (bytes > maxBytes) {
        throw policyError(
          'malformed',
          `the reply is longer than maxBytes = ${maxBytes} bytes; raise it if that is meant`,
        );
      }
      yield decoder.decode(value, { stream: true });
    }
    finished = true;
    yield decoder.decode();
  } finally {
    // Without the cancel an abandoned body would keep its socket, and the server its slot.
    if (!finished) await reader.cancel().catch(() => undefined);
  }
}

/** The whole body as one string, within `maxBytes`. */
export async function readText(chunks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}
