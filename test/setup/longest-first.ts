/** Which files begin first: those that take longest, so that none is alone when all others have ended. */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of many seconds, the longest first; a file that is not named here comes by its size. */
const longest: readonly string[] = [
  'examples/examples.test.ts',
  'test/packed.test.ts',
  'packages/losses/src/backends/webgpu.test.ts',
  'examples/tab/tab.test.ts',
  'test/training-on-backends.test.ts',
  'packages/models/src/suites/zero-difference.test.ts',
  'test/docs.test.ts',
  'test/webgpu-in-browser.test.ts',
  'packages/kernels/src/stored/stored.test.ts',
  'packages/models/src/suites/frozen.test.ts',
  'test/tinker-in-browser.test.ts',
  'packages/kernels/src/operations/rotary-attention.test.ts',
];
/** Projects whose files share processes and of which some file takes long: they come before the small ones. */
const before: readonly string[] = ['main', 'cli', 'models', 'tinker', 'queue', 'kernels'];

/**
 * Processes of their own first, longest first, then the projects whose files share processes, each in one piece: a process is
 * handed on only to the next file of its project.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specifications);
    const { root } = this.ctx.config;
    const place = (list: readonly string[], name: string): number => {
      const at = list.indexOf(name);
      return at === -1 ? list.length : at;
    };
    const key = ({ project, moduleId }: TestSpecification): readonly number[] => [
      project.config.isolate ? 0 : 1,
      place(longest, relative(root, moduleId).replaceAll('\\', '/')),
      place(before, project.name),
    ];
    const keys = new Map(sorted.map((one) => [one, key(one)]));
    return sorted.toSorted((a, b) => {
      const [x, y] = [keys.get(a)!, keys.get(b)!];
      const differs = x.findIndex((value, i) => value !== y[i]);
      return differs === -1 ? 0 : x[differs]! - y[differs]!;
    });
  }
}
