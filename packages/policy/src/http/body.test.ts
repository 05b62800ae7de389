import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBounded, readText } from './body.ts';
import { PolicyError } from './errors.ts';

const streamOf = (chunks: readonly Uint8Array[], onCancel = (): void => undefined): ReadableStream<Uint8Array> => {
  let next = 0;
  return new ReadableStream({
    pull: (controller) => (next < chunks.length ? controller.enqueue(chunks[next++]!) : controller.close()),
    cancel: onCancel,
  });
};

describe('readBounded', () => {
  it('gives the text whatever way its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 5 }), async (text, size) => {
        const bytes = new TextEncoder().encode(text);
        const chunks = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
        expect(await readText(readBounded(streamOf(chunks), 1e6))).toBe(text);
      }),
    );
  });

  it('stops at the limit, with a typed error, and lets go of the stream', async () => {
    let cancelled = false;
    const endless = streamOf(
      Array.from({ length: 1000 }, () => new Uint8Array(1000)),
      () => {
        cancelled = true;
      },
    );
    const error = await readText(readBounded(endless, 10_000)).catch((thrown: unknown) => thrown);
    expect(PolicyError.isInstance(error) && error.failure.kind).toBe('malformed');
    expect(cancelled).toBe(true);
  });

  it('lets go of the stream when the reader stops early', async () => {
    let cancelled = false;
    const stream = streamOf([new Uint8Array([97]), new Uint8Array([98])], () => {
      cancelled = true;
    });
    for await (const chunk of readBounded(stream, 100)) if (chunk !== '') break;
    expect(cancelled).toBe(true);
  });

  it('takes a missing body for an empty one', async () => {
    expect(await readText(readBounded(null, 10))).toBe('');
  });
});
