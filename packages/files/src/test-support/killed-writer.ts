/**
 * A child process for killed.test.ts: writes a file or a folder, and is killed, as by `kill -9`, before its n-th call to
 * the file system. Without a kill it says how many calls there were.
 */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { writeFolder } from '../whole/write-folder.ts';
import { writeWhole } from '../whole/write-whole.ts';

const [, , kind, path, content, last] = process.argv as [string, string, string, string, string, string];
let calls = 0;

const counted = <F extends (...given: never[]) => unknown>(call: F): F =>
  function (this: unknown, ...given: never[]) {
    if (++calls === Number(last)) process.kill(process.pid, 'SIGKILL');
    return call.apply(this, given);
  } as F;

const opened = await fs.open(import.meta.filename);
const handles = Object.getPrototypeOf(opened) as Awaited<ReturnType<typeof fs.open>>;
await opened.close();
for (const name of ['writeFile', 'sync', 'close'] as const) handles[name] = counted(handles[name]) as never;
for (const name of ['mkdir', 'open', 'readdir', 'rename', 'rm', 'stat', 'lstat', 'chmod'] as const)
  fs[name] = counted(fs[name] as never) as never;
syncBuiltinESMExports();

const pieces = [content.slice(0, 1), content.slice(1)];
if (kind === 'file') await writeWhole(path, pieces);
else {
  const files = ['a', 'b'].map((name) => ({ name, chunks: pieces }));
  await writeFolder(path, files);
}
process.stdout.write(String(calls));
