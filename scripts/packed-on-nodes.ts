/**
 * `pnpm packages:nodes [20,22,24]`: the packed packages under each release of Node, fetched from npm as `node-<platform>-<arch>`:
 * every entry point imported, the quickstart, which searches and trains, and `svo train` from a TypeScript configuration.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onNode } from '../test/packed/on-node.ts';
import { packedProject } from '../test/packed/project.ts';
import { svoOnNode } from '../test/packed/svo-on-node.ts';

const majors = (process.argv[2] ?? '20,22,24').split(',');
const project = await packedProject();
const empty = mkdtempSync(join(tmpdir(), 'svo-nodes-'));
let failed = 0;
for (const major of majors) {
  const release = `node-${process.platform}-${process.arch}@${major}`;
  const found = execFileSync('npx', ['-y', '-p', release, '-c', 'command -v node'], { cwd: empty, encoding: 'utf8' });
  try {
    const { version, exports, losses, warnings } = await onNode(found.trim(), project);
    const names = Object.values(exports).reduce((a, b) => a + b, 0);
    const { done } = await svoOnNode(found.trim(), project);
    const learned = losses.length === 5 && losses[4]! < losses[0]! && done.last < done.first;
    if (!learned) failed++;
    console.log(
      `${learned ? 'ok  ' : 'FAIL'} ${version}: ${names} exports, DVO losses ${losses.join(' ')}, svo train ${done.first} → ${done.last}`,
    );
    if (warnings !== '') console.log(warnings);
  } catch (error) {
    failed++;
    console.log(`FAIL Node ${major}: ${error instanceof Error ? error.message : error}`);
  }
}
rmSync(empty, { recursive: true });
process.exitCode = failed === 0 ? 0 : 1;
