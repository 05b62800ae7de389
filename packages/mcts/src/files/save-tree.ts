import { assertOptions } from '@svo/mdp';
import { trimmedDraws } from '../tree/draws.ts';
import { storeTexts } from '../tree/texts.ts';
import type { Tree } from '../tree/tree.ts';
import { xxh32 } from './checksum.ts';
import { ARRAY_NAMES, aligned, type Header, MAGIC, requireLittleEndian, type Section } from './tree-file.ts';

const LARGEST = 0xffff_ffff;

/**
 * A tree as one block of bytes, to write to a file or hand to a worker: statistics, texts, failures, what was spent, and
 * which leaves are in flight. Every part has a checksum.
 *
 * @param options `into`: bytes to write over if they are enough, for those who save often; finding a hundred megabytes of
 *   fresh memory can take the operating system longer than filling them
 * @returns the file; the start of `into` where it was used
 * @throws RangeError when the texts take more than 4 GiB
 * @example
 * ```ts
 * import { createTree, loadTree, saveTree } from '@svo/mcts';
 * const tree = createTree({ id: 'q1', prompt: '2 + 3?' }, { seed: 7 });
 * loadTree(saveTree(tree)).seed; // => 7
 * ```
 */
export function saveTree(
  tree: Tree,
  options: { readonly into?: Uint8Array<ArrayBuffer> } = {},
): Uint8Array<ArrayBuffer> {
  assertOptions('saveTree', options, ['into']);
  requireLittleEndian('saveTree');
  const arrays: [name: string, array: ArrayBufferView][] = [
    ...ARRAY_NAMES.map((name): [string, ArrayBufferView] => [name, tree[name].subarray(0, tree.size)]),
    ...(tree.draws === undefined ? [] : Object.entries(trimmedDraws(tree.draws, tree.size))),
  ];
  const sizes = arrays.map(([name, { byteLength }]): Section => ({ name, bytes: byteLength, checksum: LARGEST }));
  const offsetsSize: Section = { name: 'offsets', bytes: 4 * (tree.size + 1), checksum: LARGEST };
  const textsSize: Section = { name: 'texts', bytes: LARGEST, checksum: LARGEST };
  // The header comes first but holds what is known last: room for its longest form, blanks for the rest.
  const room = encode(headerOf(tree, [...sizes, offsetsSize, textsSize])).length;
  const textsAt = [...sizes, offsetsSize].reduce((end, { bytes }) => aligned(aligned(end) + bytes), 16 + room);
  const { file, offsets, end } = storeTexts(tree.texts, textsAt, options.into);

  let at = 16 + room;
  const place = (name: string, bytes: Uint8Array): Section => {
    file.fill(0, at, aligned(at));
    at = aligned(at);
    file.set(bytes, at);
    at += bytes.length;
    return { name, bytes: bytes.length, checksum: xxh32(bytes) };
  };
  const sections = arrays.map(([name, array]) => place(name, bytesOf(array)));
  sections.push(place('offsets', bytesOf(offsets)));
  file.fill(0, at, textsAt);
  const texts = file.subarray(textsAt, end);
  sections.push({ name: 'texts', bytes: texts.length, checksum: xxh32(texts) });

  const header = file.subarray(16, 16 + room).fill(0x20);
  header.set(encode(headerOf(tree, sections)));
  file.set(MAGIC);
  const view = new DataView(file.buffer, file.byteOffset);
  view.setUint32(8, room, true);
  view.setUint32(12, xxh32(header), true);
  return file.subarray(0, end);
}

const encode = (header: Header): Uint8Array => new TextEncoder().encode(JSON.stringify(header));

const headerOf = (tree: Tree, sections: readonly Section[]): Header => ({
  version: 2,
  question: tree.question,
  seed: tree.seed,
  prefix: tree.prefix,
  ...(tree.fingerprint === undefined ? {} : { fingerprint: tree.fingerprint }),
  ...(tree.prefixDraws.length === 0 ? {} : { prefixDraws: tree.prefixDraws.map((draw) => draw ?? null) }),
  size: tree.size,
  iterations: tree.iterations,
  inFlight: tree.inFlight,
  solutions: tree.solutions,
  usage: tree.usage,
  failures: [...tree.failures],
  lostAnswers: [...tree.lostAnswers],
  sections,
});

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
