import { assertOptions } from '@svo/mdp';
import { isFingerprint } from '../search/fingerprint.ts';
import { terminalOutcome } from '../tree/node-status.ts';
import { isUtf8, type Texts } from '../tree/texts.ts';
import { createTree, type Tree } from '../tree/tree.ts';
import { xxh32 } from './checksum.ts';
import { FormatError } from './format-error.ts';
import { drawsFrom, prefixDrawsFrom } from './load-draws.ts';
import {
  ARRAY_NAMES,
  ARRAYS,
  type ArrayName,
  type ArrayType,
  aligned,
  type Header,
  MAGIC,
  requireLittleEndian,
} from './tree-file.ts';
import { treeProblem } from './tree-problem.ts';

type Fail = (offset: number, problem: string) => FormatError;
type Parts = ReadonlyMap<string, { readonly offset: number; readonly bytes: Uint8Array }>;

/**
 * The tree in a file that {@link saveTree} wrote. Checks every checksum, every length, and then that the arrays are a tree:
 * what comes back is the tree that was saved, or an error.
 *
 * @param bytes the file; the tree is built over these bytes, not a copy, and they belong to it from then on
 * @param options `name` of the file, for errors
 * @throws FormatError naming the file and the byte, for a file cut off, changed, made by someone else, or cyclic
 * @example
 * ```ts
 * import { createTree, loadTree, saveTree } from '@svo/mcts';
 * const bytes = saveTree(createTree({ id: 'q1', prompt: '2 + 3?' }));
 * loadTree(bytes).size; // => 1
 * ```
 */
export function loadTree(bytes: Uint8Array, options: { readonly name?: string } = {}): Tree {
  assertOptions('loadTree', options, ['name']);
  requireLittleEndian('loadTree');
  const fail: Fail = (offset, problem) => new FormatError('loadTree', options.name ?? 'tree', offset, problem);
  const file = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const header = readHeader(file, fail);
  const parts = readSections(file, header, fail);
  const tree = treeOf(header, parts, fail);
  const problem = treeProblem(tree);
  if (problem !== undefined) {
    throw fail(parts.get(problem.array)?.offset ?? 16, `not a tree: ${problem.array}: ${problem.message}`);
  }
  return tree;
}

const readHeader = (bytes: Uint8Array, fail: Fail): Header => {
  if (MAGIC.some((byte, at) => bytes[at] !== byte)) throw fail(0, 'does not start with SVOTREE1: not a tree file');
  if (bytes.length < 16) throw fail(8, `the file ends after ${bytes.length} bytes, before its header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint32(8, true);
  if (16 + length > bytes.length)
    throw fail(16, `the file ends at ${bytes.length}, before its header of ${length} bytes does`);
  const text = bytes.subarray(16, 16 + length);
  if (xxh32(text) !== view.getUint32(12, true)) throw fail(12, 'the header fails its checksum');
  try {
    return headerFrom(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text)));
  } catch (error) {
    throw fail(16, `the header is not what saveTree writes: ${error instanceof Error ? error.message : error}`);
  }
};

const headerFrom = (value: Partial<Header> | null): Header => {
  const header = (value?.version === 1 ? { ...value, lostAnswers: [] } : value) as Header;
  const isCount = (count: unknown): count is number => Number.isSafeInteger(count) && (count as number) >= 0;
  if (header?.version !== 1 && header?.version !== 2) throw new Error(`version must be 1 or 2, got ${header?.version}`);
  if (typeof header.question?.id !== 'string' || typeof header.question.prompt !== 'string') {
    throw new Error('question must have an id and a prompt');
  }
  if (!Number.isSafeInteger(header.seed)) throw new Error(`seed must be a safe integer, got ${header.seed}`);
  if (!Array.isArray(header.prefix) || header.prefix.some((step) => typeof step !== 'string')) {
    throw new Error('prefix must be an array of steps');
  }
  prefixDrawsFrom(header.prefixDraws, header.prefix.length);
  if (header.fingerprint !== undefined && !isFingerprint(header.fingerprint)) {
    throw new Error('fingerprint must be texts and numbers by name');
  }
  if (!(Number.isInteger(header.size) && header.size >= 1 && header.size < 2 ** 31)) {
    throw new Error(`size must be in [1, 2^31), got ${header.size}`);
  }
  for (const name of ['iterations', 'inFlight', 'solutions'] as const) {
    if (!isCount(header[name])) throw new Error(`${name} must be a count, got ${header[name]}`);
  }
  for (const name of ['requests', 'candidates', 'tokens', 'failures', 'lost', 'estimates'] as const) {
    if (name === 'lost' && header.version === 1) continue;
    if (!isCount(header.usage?.[name])) throw new Error(`usage.${name} must be a count, got ${header.usage?.[name]}`);
  }
  if (![header.failures, header.lostAnswers, header.sections].every(Array.isArray)) {
    throw new Error('failures, lostAnswers and sections must be arrays');
  }
  for (const entry of header.lostAnswers) {
    const [node, times] = Array.isArray(entry) ? entry : [];
    if (!(isCount(node) && node < header.size && isCount(times) && times > 0)) {
      throw new Error(`lostAnswers must be [node, times] entries, got ${JSON.stringify(entry)}`);
    }
  }
  for (const entry of header.failures) {
    const [node, failure] = Array.isArray(entry) ? entry : [];
    if (
      !(isCount(node) && node < header.size && typeof failure?.kind === 'string' && typeof failure.message === 'string')
    ) {
      throw new Error(`failures must be [node, failure] entries, got ${JSON.stringify(entry)}`);
    }
  }
  return header;
};

const readSections = (bytes: Uint8Array, header: Header, fail: Fail): Parts => {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const parts = new Map<string, { offset: number; bytes: Uint8Array }>();
  let end = 16 + view.getUint32(8, true);
  for (const section of header.sections) {
    const start = aligned(end);
    const stray = bytes.subarray(end, start).findIndex((byte) => byte !== 0);
    if (stray !== -1)
      throw fail(end + stray, `not a zero, which is all there may be before section '${section?.name}'`);
    if (!(Number.isSafeInteger(section?.bytes) && section.bytes >= 0)) throw fail(16, 'a section has no length');
    end = start + section.bytes;
    if (end > bytes.length) {
      throw fail(start, `the file ends at ${bytes.length}, before section '${section.name}' does, at ${end}`);
    }
    const part = bytes.subarray(start, end);
    if (xxh32(part) !== section.checksum) throw fail(start, `section '${section.name}' fails its checksum`);
    parts.set(section.name, { offset: start, bytes: part });
  }
  if (end !== bytes.length) throw fail(end, `${bytes.length - end} bytes too many`);
  return parts;
};

const treeOf = (header: Header, parts: Parts, fail: Fail): Tree => {
  const { question, seed, prefix } = header;
  const prefixDraws = prefixDrawsFrom(header.prefixDraws, prefix.length);
  const tree = createTree(question, { seed, prefix, prefixDraws, capacity: 1 });
  for (const name of ARRAY_NAMES)
    Object.assign(tree, { [name]: arrayOf(ARRAYS[name], name, header.size, parts, fail) });
  tree.fingerprint = header.fingerprint;
  tree.size = header.size;
  tree.texts = textsFrom(header.size, parts, fail);
  tree.draws = drawsFrom(header.size, (name) => parts.get(name), fail);
  tree.iterations = header.iterations;
  tree.inFlight = header.inFlight;
  tree.solutions = header.solutions;
  for (const [node, failure] of header.failures) tree.failures.set(node, failure);
  for (const [node, times] of header.lostAnswers) tree.lostAnswers.set(node, times);
  // The first version did not count lost draws: they are those of its lost nodes.
  Object.assign(tree.usage, header.version === 1 ? { ...header.usage, lost: lostDraws(tree) } : header.usage);
  return tree;
};

const lostDraws = (tree: Tree): number => {
  let lost = 0;
  for (const node of tree.failures.keys()) if (terminalOutcome(tree, node) === 'lost') lost += tree.counts[node]!;
  return lost;
};

const arrayOf = (type: ArrayType, name: string, size: number, parts: Parts, fail: Fail): Tree[ArrayName] => {
  const part = parts.get(name);
  if (part === undefined) throw fail(16, `section '${name}' is missing`);
  const expected = size * type.BYTES_PER_ELEMENT;
  if (part.bytes.length !== expected) {
    throw fail(
      part.offset,
      `section '${name}' must have ${expected} bytes for ${size} nodes, got ${part.bytes.length}`,
    );
  }
  return new type(part.bytes.buffer, part.bytes.byteOffset, part.bytes.length / type.BYTES_PER_ELEMENT);
};

const textsFrom = (size: number, parts: Parts, fail: Fail): Texts => {
  const offsets = arrayOf(Uint32Array, 'offsets', size + 1, parts, fail) as Uint32Array;
  const part = parts.get('texts');
  if (part === undefined) throw fail(16, "section 'texts' is missing");
  const { offset, bytes } = part;
  let sound = offsets[0] === 0 && offsets[size] === bytes.length;
  // A text that starts inside a character would make two texts of half a character each.
  for (let node = 0; node < size; node++) {
    sound &&= offsets[node]! <= offsets[node + 1]! && (bytes[offsets[node]!]! & 0xc0) !== 0x80;
  }
  if (!sound) throw fail(parts.get('offsets')!.offset, "section 'offsets' does not divide section 'texts' into texts");
  if (!isUtf8(bytes)) throw fail(offset, "section 'texts' is not UTF-8");
  return { bytes, offsets, added: [] };
};
