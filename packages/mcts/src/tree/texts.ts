/**
 * The step texts of a tree, one a node. Texts that came with a file stay bytes until someone reads them: a million strings
 * take longer to make than everything else in a file together. Texts added later are strings, shared where the caller's are.
 */
export interface Texts {
  /** UTF-8 of the texts of nodes 0 … offsets.length − 2. */
  readonly bytes: Uint8Array;
  /** Where each stored text starts, and at the end where the last one stops. */
  readonly offsets: Uint32Array;
  /** The texts of the nodes after those. */
  readonly added: string[];
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A pool that holds the given strings. */
export function textsOf(strings: string[]): Texts {
  return { bytes: new Uint8Array(0), offsets: new Uint32Array(1), added: strings };
}

/** The text of a node. */
export function textAt({ bytes, offsets, added }: Texts, node: number): string {
  const stored = offsets.length - 1;
  if (node >= stored) return added[node - stored]!;
  return decoder.decode(bytes.subarray(offsets[node], offsets[node + 1]));
}

/** Whether a node's text is empty, without decoding it. */
export function isEmptyAt({ offsets, added }: Texts, node: number): boolean {
  const stored = offsets.length - 1;
  return node < stored ? offsets[node] === offsets[node + 1] : added[node - stored] === '';
}

/** Texts encoded at a time: joined, they are one call of the encoder and still short enough for the cache. */
const BATCH = 64;

/** All texts of a pool as stored ones: UTF-8 after `reserved` bytes of room, and offsets that count from there. */
export function storeTexts(
  texts: Texts,
  reserved: number,
  into: Uint8Array<ArrayBuffer> | undefined,
): { file: Uint8Array<ArrayBuffer>; offsets: Uint32Array; end: number } {
  const { added } = texts;
  const stored = texts.offsets.length - 1;
  const offsets = new Uint32Array(stored + added.length + 1);
  offsets.set(texts.offsets);
  let length = texts.bytes.length;
  for (const text of added) length += text.length;
  const needed = reserved + length;
  let file = into !== undefined && into.length >= needed ? into : new Uint8Array(needed);
  file.set(texts.bytes, reserved);
  let at = reserved + texts.bytes.length;
  const encoder = new TextEncoder();
  /** Writes a text and says how many bytes it took; makes room where the text is not ASCII. */
  const write = (text: string): number => {
    let { read, written } = encoder.encodeInto(text, file.subarray(at));
    if (read < text.length) {
      file = larger(file, at, 3 * text.length);
      ({ read, written } = encoder.encodeInto(text, file.subarray(at)));
    }
    return written;
  };
  const writeBatch = (start: number): void => {
    const batch = added.slice(start, start + BATCH);
    const joined = batch.join('');
    const ascii = write(joined) === joined.length;
    for (let i = 0; i < batch.length; i++) {
      at += ascii ? batch[i]!.length : write(batch[i]!);
      offsets[stored + start + i + 1] = at - reserved;
    }
  };
  for (let start = 0; start < added.length; start += BATCH) {
    writeBatch(start);
    if (at - reserved > 0xffff_ffff) throw new RangeError('saveTree: texts must fit into 4 GiB as UTF-8');
  }
  return { file, offsets, end: at };
}

const larger = (file: Uint8Array<ArrayBuffer>, used: number, needed: number): Uint8Array<ArrayBuffer> => {
  const room = new Uint8Array(used + needed + Math.ceil(1.5 * (file.length - used)) + (used >> 1));
  room.set(file.subarray(0, used));
  return room;
};

/** Whether bytes, which must start on a word, are UTF-8. ASCII, sixteen bytes a look, is by far the commonest case. */
export function isUtf8(bytes: Uint8Array): boolean {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, (bytes.length >> 4) << 2);
  let high = 0;
  for (let i = 0; i < words.length; i += 4) high |= words[i]! | words[i + 1]! | words[i + 2]! | words[i + 3]!;
  for (let i = words.length << 2; i < bytes.length; i++) high |= bytes[i]!;
  if ((high & 0x8080_8080) === 0) return true;
  try {
    const strict = new TextDecoder('utf-8', { fatal: true });
    for (let at = 0; at < bytes.length; at += 1 << 24) {
      strict.decode(bytes.subarray(at, at + (1 << 24)), { stream: at + (1 << 24) < bytes.length });
    }
    return true;
  } catch {
    return false;
  }
}
