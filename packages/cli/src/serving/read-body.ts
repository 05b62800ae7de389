import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/**
 * A request's body as JSON.
 *
 * @param most bytes it may have
 * @param hold asks for so many bytes of memory; false: there are none left
 * @throws Refusal for a body that is too large, comes when too many are held, or is no JSON
 */
export async function readBody(
  request: IncomingMessage,
  most: number,
  hold: (bytes: number) => boolean,
): Promise<unknown> {
  const { 'content-type': type = '', 'content-encoding': encoding, 'content-length': length } = request.headers;
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new Refusal(
      415,
      'content-type must be application/json (requests: json=…; curl: -H content-type:application/json)',
    );
  if (encoding !== undefined && encoding !== 'identity') throw new Refusal(415, 'content-encoding must not be set');
  const tooLarge = (): Refusal =>
    new Refusal(413, `a request must have at most ${most} bytes; send the rows in several, or raise serve.bodyMb`);
  const announced = length === undefined ? 0 : Number(length);
  if (announced > most) throw tooLarge();
  if (!hold(announced)) throw busy();
  const text = await received(request, (bytes, more) => {
    if (bytes > most) return tooLarge();
    return length === undefined && !hold(more) ? busy() : undefined;
  });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch (error) {
    throw new Refusal(400, `the body must be JSON in UTF-8: ${(error as Error).message.slice(0, 200)}`);
  }
}

/** All of it, unless `refuse` has something against so many bytes. What is refused is read no further, so that the answer still gets out. */
function received(
  request: IncomingMessage,
  refuse: (bytes: number, more: number) => Refusal | undefined,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      chunks.push(chunk);
      const refusal = refuse(bytes, chunk.length);
      if (refusal === undefined) return;
      request.off('data', take).pause();
      chunks.length = 0;
      reject(refusal);
    };
    request.on('data', take);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('close', () => reject(new Refusal(400, 'the request was broken off')));
    request.once('error', reject);
  });
}

/** Come again. */
export const busy = (): Refusal => new Refusal(429, 'too much is waiting; send it again in a second');
