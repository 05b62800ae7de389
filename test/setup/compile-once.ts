/** Once before all tests: what Node compiles of the packages is kept on disk, for the hundred processes that load the same. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** vitest's global setup; the processes of the tests, and those they start, inherit the environment it leaves. */
export default function compileOnce(): void {
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'svo-compiled');
}
