import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { tarOf } from '../testing/archive.ts';
import { readTar } from './tar.ts';

const limits = { mostFiles: 4 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('readTar', () => {
  it.prop([
    fc.dictionary(fc.stringMatching(/^[a-z_.]{1,20}[a-z]$/), fc.uint8Array({ maxLength: 1500 }), { maxKeys: 4 }),
  ])('gives back the files of an archive', (files) => {
    const plain = Object.fromEntries(Object.entries(files).map(([name, content]) => [`folder/./${name}`, content]));
    const read = readTar(tarOf(plain), limits);
    expect([...read.keys()].sort()).toEqual(Object.keys(files).sort());
    for (const [name, content] of read) expect(content).toEqual(files[name]);
  });

  it.each(['../up', 'a/../../up', '/etc/passwd', 'a\\b', 'c:x', '..'])('refuses the name %s', (name) => {
    expect(() => readTar(tarOf({ [name]: bytes('x') }), limits)).toThrow('leads out of the archive');
  });

  it.each(['1', '2', '3', '6'])('refuses links and devices (type %s)', (type) => {
    expect(() => readTar(tarOf({ name: bytes('') }, type), limits)).toThrow('is no plain file');
  });

  it('refuses more files than there can be, and a name given twice', () => {
    const many = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, bytes(name)]));
    expect(() => readTar(tarOf(many), limits)).toThrow('more than 4 files');
    expect(() => readTar(tarOf({ 'x/a': bytes('1'), 'y/a': bytes('2') }), limits)).toThrow('a comes twice');
  });

  it.prop([fc.nat(), fc.integer({ min: 1, max: 255 })])(
    'of a damaged archive is an error or other files, never a hang',
    (at, change) => {
      const archive = tarOf({ 'a.json': bytes('{}'), 'b.json': bytes('[]') });
      archive[at % archive.length]! ^= change;
      try {
        for (const name of readTar(archive, limits).keys()) expect(name).not.toMatch(/[/\\]|^\.\.$/);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    },
  );

  it('refuses an archive that is cut off', () => {
    expect(() => readTar(tarOf({ a: new Uint8Array(600) }).subarray(0, 1024), limits)).toThrow('cut off');
  });
});
