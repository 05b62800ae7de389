/**
 * A file that is not what it should be: which file, at which byte, and what is wrong there.
 *
 * @example
 * ```ts
 * import { FormatError } from '@svo/mcts';
 * new FormatError('loadTree', 'a.tree', 8, 'the header is cut off').message; // => 'loadTree: a.tree, byte 8: the header is cut off'
 * ```
 */
export class FormatError extends Error {
  readonly file: string;
  readonly offset: number;

  constructor(caller: string, file: string, offset: number, problem: string) {
    super(`${caller}: ${file}, byte ${offset}: ${problem}`);
    this.name = 'FormatError';
    this.file = file;
    this.offset = offset;
  }
}
