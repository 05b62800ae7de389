/** Reads the plain files of a tar archive (POSIX ustar), which a stranger made: nothing is written, every size is bounded. */

const block = 512;

/** What an archive may hold. */
export interface TarLimits {
  readonly mostFiles: number;
}

/**
 * Files by their last name. An archive of an adapter has no use for anything else: links, devices, names that climb or
 * begin at the root, names given twice are refused, folders are passed over.
 * @throws RangeError saying what is wrong
 */
export function readTar(bytes: Uint8Array, { mostFiles }: TarLimits): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let longName: string | undefined;
  for (let at = 0; at + block <= bytes.length; ) {
    const header = bytes.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) return files;
    checkSum(header);
    const size = octal(header.subarray(124, 136));
    const start = at + block;
    if (start + size > bytes.length) throw new RangeError('readTar: the archive is cut off');
    const content = bytes.subarray(start, start + size);
    at = start + Math.ceil(size / block) * block;
    const type = String.fromCharCode(header[156]!);
    if (type === 'g') continue;
    if (type === 'x') longName = paxPath(content) ?? longName;
    else if (type === 'L') longName = text(content);
    else {
      const name = longName ?? fullName(header);
      longName = undefined;
      if (type === '5') continue;
      if (type !== '0' && type !== '\0') throw new RangeError(`readTar: ${shown(name)} is no plain file`);
      const plain = plainName(name);
      if (files.has(plain)) throw new RangeError(`readTar: ${plain} comes twice`);
      if (files.size >= mostFiles) throw new RangeError(`readTar: more than ${mostFiles} files`);
      files.set(plain, content);
    }
  }
  return files;
}

/** A path's last part, if the path stays below where it is unpacked. */
function plainName(path: string): string {
  const parts = path.split('/').filter((part) => part !== '.' && part !== '');
  const name = parts.at(-1);
  if (path.startsWith('/') || path.includes('\\') || parts.includes('..') || name === undefined || /[\0:]/.test(path))
    throw new RangeError(`readTar: ${shown(path)} leads out of the archive`);
  return name;
}

const shown = (name: string): string => JSON.stringify(name.slice(0, 120));

function fullName(header: Uint8Array): string {
  const prefix = text(header.subarray(257, 262)) === 'ustar' ? text(header.subarray(345, 500)) : '';
  const name = text(header.subarray(0, 100));
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** `LENGTH path=NAME\n` among a pax header's records. */
function paxPath(content: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(new TextDecoder().decode(content))?.[1];
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function octal(field: Uint8Array): number {
  const digits = text(field).trim();
  if (!/^[0-7]{1,11}$/.test(digits)) throw new RangeError('readTar: a size is no octal number');
  return Number.parseInt(digits, 8);
}

/** The sum of a header's bytes, its own field read as spaces. */
function checkSum(header: Uint8Array): void {
  const sum = header.reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 32 : byte), 0);
  if (octal(header.subarray(148, 156)) !== sum) throw new RangeError('readTar: a header is damaged');
}
